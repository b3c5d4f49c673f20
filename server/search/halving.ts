import { nonDominated } from './front.ts';
import { excessOf, type Limits, type Objective, objectiveValue } from './objective.ts';
import { type Finished, isFinished, type Price, type Trial } from './trial.ts';

/**
 * Asynchronous successive halving by its stopping rule (Li et al., arXiv 1810.05934) for several objectives: at a rung of its training a trial goes on unless
 * too many of those that were there before it lie on better fronts (non-dominated sorting). Rungs are shares of a trial's own training, so that
 * trials of different lengths compare. What the price says stands throughout; only the error is that of the rung.
 */
export type Rung = {
  /** After which the trial is looked at. */
  readonly epoch: number;
  /** The objectives of earlier trials at this rung. */
  readonly peers: readonly (readonly number[])[];
};

/** Pruning is under way at a quarter and nearly done at a half; trainings of a few epochs have but the second. */
const rungShares = (epochs: number): readonly number[] => (epochs < 2 ? [] : epochs < 4 ? [0.5] : [0.25, 0.5]);
/** Before so many there is nothing to judge by. */
const LEAST_PEERS = 10;
/** The most recent; sorting them into fronts takes the square of their number. */
const MOST_PEERS = 100;
/**
 * A trial stops where more than this share of its peers lie on better fronts. Measured on the digits example, two searches of 36 trials by evolution: a half stops 9 of
 * them and none of the 30 on their fronts; about a third would stop 24 and 3 of the front.
 */
const STOPPED_BELOW = 0.5;

export type Measures = { readonly [name: string]: number };

/** The name under which a trial's measures keep its accuracy at a rung. */
export const rungMeasure = (rung: number): string => `rung${rung + 1}`;

/** Under which they keep the rung, counted from 1, at which it was stopped. */
export const STOPPED = 'stopped';

export function rungsOf(epochs: number, trials: readonly Trial[], objectives: readonly Objective[], limits: Limits): Rung[] {
  const { error: _, ...priceLimits } = limits;
  const judged = trials.filter(isFinished).filter(({ price }) => !excessOf(price, priceLimits));
  return rungShares(epochs).map((share, rung) => {
    const there = judged.flatMap((trial) => pointAt(trial, rung, objectives)).slice(-MOST_PEERS);
    return { epoch: Math.round(share * epochs), peers: there };
  });
}

/** Whether a trial with this point at a rung is trained further. */
export function goesOn(point: readonly number[], { peers }: Pick<Rung, 'peers'>): boolean {
  if (peers.length < LEAST_PEERS) return true;
  let left = [point, ...peers];
  let better = 0;
  while (better <= STOPPED_BELOW * peers.length) {
    const best = new Set(nonDominated(left));
    if (best.has(0)) return true;
    better += best.size;
    left = left.filter((_, index) => !best.has(index));
  }
  return false;
}

export const unfinishedPoint = (price: Price, accuracy: number, objectives: readonly Objective[]): number[] =>
  objectives.map((objective) => objectiveValue(objective, price, accuracy) ?? 0);

function pointAt({ price, measures }: Finished, rung: number, objectives: readonly Objective[]): number[][] {
  const accuracy = measures?.[rungMeasure(rung)];
  return accuracy === undefined ? [] : [unfinishedPoint(price, accuracy, objectives)];
}
