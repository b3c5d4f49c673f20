import { isFeasible, type Limits, type Objective, pointOf } from './objective.ts';
import { type Finished, isFinished, type Trial } from './trial.ts';

/** The finished trials within the limits that no other such trial dominates, in their order; of equal ones the first. */
export function front(trials: readonly Trial[], objectives: readonly Objective[], limits: Limits): Finished[] {
  const feasible = trials.filter(isFinished).filter((trial) => isFeasible(trial, limits));
  return nonDominated(feasible.map((trial) => pointOf(trial, objectives))).map((index) => feasible[index]);
}

/** Indices, ascending, of the points that no other point is at least as good as everywhere; of equal points the first. Smaller is better. */
export function nonDominated(points: readonly (readonly number[])[]): number[] {
  return [...points.keys()].filter(
    (index) =>
      !points.some((other, otherIndex) => dominates(other, points[index]) || (otherIndex < index && isEqual(other, points[index]))),
  );
}

export const dominates = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, index) => value <= b[index]) && a.some((value, index) => value < b[index]);

const isEqual = (a: readonly number[], b: readonly number[]): boolean => a.every((value, index) => value === b[index]);
