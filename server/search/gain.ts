import { hypervolume } from './hypervolume.ts';

/** A point of which one objective, the error, is not known before training; all are shares of the reference, which is 1 everywhere. */
export type Place = { readonly error: number; readonly costs: readonly number[] };

/** What a point dominates by itself. */
export const volumeOf = ({ error, costs }: Place): number =>
  [error, ...costs].reduce((product, each) => product * Math.max(0, 1 - each), 1);

/**
 * By how much the hypervolume of the front grows by a point of these costs, as a function of its error. Above each error of the front, what the point would add in the
 * costs alone becomes less: the gain is the integral of those steps from the point's own error up to the reference.
 */
export function gainOver(front: readonly Place[], costs: readonly number[]): (error: number) => number {
  const steps = stepsOf(front, costs);
  return (error) => {
    let gain = 0;
    for (const { from, until, exclusive } of steps) if (until > error) gain += (until - Math.max(from, error)) * exclusive;
    return gain;
  };
}

/** Between two errors, what the costs dominate that no point of the front does whose error is no larger. */
type Step = { readonly from: number; readonly until: number; readonly exclusive: number };

function stepsOf(front: readonly Place[], costs: readonly number[]): Step[] {
  if (costs.some((cost) => cost >= 1)) return [];
  const box = costs.reduce((product, cost) => product * (1 - cost), 1);
  const ones = costs.map(() => 1);
  const rivals = front.filter((place) => place.error < 1 && place.costs.every((cost) => cost < 1)).sort((a, b) => a.error - b.error);
  const within = rivals.map((rival) => rival.costs.map((cost, index) => Math.max(cost, costs[index])));
  const steps: Step[] = [];
  for (let count = 0, from = Number.NEGATIVE_INFINITY; count <= rivals.length; count++) {
    const exclusive = count === 0 ? box : box - hypervolume(within.slice(0, count), ones);
    if (exclusive <= NOTHING * box) break;
    const until = rivals[count]?.error ?? 1;
    steps.push({ from, until, exclusive });
    from = until;
  }
  return steps;
}

/** What rounding leaves of a difference of equals. */
const NOTHING = 1e-12;
