import type { Place } from './gain.ts';
import type { Limits, Objective } from './objective.ts';
import { median } from './scalarise.ts';

/** A point as shares of the reference, which is 1 everywhere: its error, and its costs in the order of the objectives. */
export type Shares = (error: number, costs: readonly number[]) => Place;

/** What is known of a trial: its place in objective space, and whether it is within the limits. */
type Known = { readonly error: number; readonly point: readonly number[]; readonly feasible: boolean };

/**
 * Objectives as shares of what is allowed; of a cost without a limit, of the median of the trials within the limits, so that their better half counts. Of the error, half way in its
 * logarithm from the best to the worst: its median follows what is proposed. It rose where tiny networks that guess gained by their size (20 of the first 30 proposals in
 * a search of MNIST), and fell where large ones err little, until no other gained anything (CIFAR10-binary).
 */
export function sharesOf(trials: readonly Known[], objectives: readonly Objective[], limits: Limits): Shares {
  const within = trials.filter(({ feasible }) => feasible);
  const known = within.length > 0 ? within : trials;
  const errors = known.map(({ error }) => error);
  const between = Math.sqrt(Math.min(...errors) * Math.max(...errors));
  const worst = Math.max(limits.error ?? between, SMALLEST);
  const most = objectives.flatMap((objective, index) =>
    objective === 'error' ? [] : [Math.max(limits[objective] ?? median(known.map(({ point }) => point[index])), SMALLEST)],
  );
  return (error, costs) => ({ error: error / worst, costs: costs.map((cost, index) => cost / most[index]) });
}

/** A reference of zero, of an objective that is zero everywhere. */
const SMALLEST = 1e-9;
