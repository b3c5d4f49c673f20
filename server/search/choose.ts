import { excessOf, isFeasible, type Limits } from './objective.ts';
import { type Finished, isFinished, type Trial } from './trial.ts';

/**
 * The trial to ship: of those within the limits on memory and time, the most accurate on validation; all that come within `tolerance` of its accuracy count as
 * equal, and of them the one with the least RAM is taken, then the least flash, then the more accurate, then the earlier.
 * A limit on the error is kept wherever a trial keeps it. Undefined if nothing is within the limits.
 */
export function choose(trials: readonly Trial[], limits: Limits, tolerance: number): Finished | undefined {
  const { error: _, ...priceLimits } = limits;
  const affordable = trials.filter(isFinished).filter((trial) => !excessOf(trial.price, priceLimits));
  if (affordable.length === 0) return undefined;
  const best = Math.max(...affordable.map((trial) => trial.accuracy));
  const tied = affordable.filter((trial) => trial.accuracy >= best - tolerance);
  const sound = tied.filter((trial) => isFeasible(trial, limits));
  return (sound.length > 0 ? sound : tied).reduce((a, b) => (order(a, b) <= 0 ? a : b));
}

/** The trials that would be chosen one after the other, each without those before it. */
export function finalistsOf(trials: readonly Trial[], limits: Limits, tolerance: number, count: number): Finished[] {
  const finalists: Finished[] = [];
  while (finalists.length < count) {
    const next = choose(
      trials.filter(({ id }) => finalists.every((other) => other.id !== id)),
      limits,
      tolerance,
    );
    if (!next) break;
    finalists.push(next);
  }
  return finalists;
}

/** Of an accuracy measured on `count` samples: differences below it say nothing. */
export const standardError = (accuracy: number, count: number): number => Math.sqrt((accuracy * (1 - accuracy)) / count);

const order = (a: Finished, b: Finished): number =>
  a.price.ramBytes - b.price.ramBytes || a.price.flashBytes - b.price.flashBytes || b.accuracy - a.accuracy || a.id - b.id;
