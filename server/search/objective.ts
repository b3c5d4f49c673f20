import type { Finished, Price } from './trial.ts';

/** What the search minimises; each may have a limit. */
export const OBJECTIVES = ['error', 'ram', 'flash', 'size', 'wm1', 'wm2', 'activations', 'macs', 'cycles', 'latency'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** Largest values that the user accepts: error as a share, memory in bytes, latency in ms. */
export type Limits = { readonly [Name in Objective]?: number };

/** Undefined where a price does not say. */
export function objectiveValue(objective: Objective, price: Price, accuracy?: number): number | undefined {
  switch (objective) {
    case 'error':
      return accuracy === undefined ? undefined : 1 - accuracy;
    case 'ram':
      return price.ramBytes;
    case 'flash':
      return price.flashBytes;
    case 'latency':
      return price.latencyMs;
    default:
      return price[objective];
  }
}

/** The trial's place in objective space. An objective that its price does not know is a bug of the caller. */
export const pointOf = (trial: Finished, objectives: readonly Objective[]): number[] =>
  objectives.map((objective) => {
    const value = objectiveValue(objective, trial.price, trial.accuracy);
    if (value === undefined) throw new Error(`trial ${trial.id} has no ${objective}`);
    return value;
  });

/** By how much a price is over a limit. */
export type Excess = { readonly objective: Objective; readonly limit: number; readonly value: number };

/** The limit most exceeded, relative to its size; undefined within all limits. What is not known is not over. */
export function excessOf(price: Price, limits: Limits, accuracy?: number): Excess | undefined {
  let worst: Excess | undefined;
  for (const objective of OBJECTIVES) {
    const limit = limits[objective];
    const value = limit === undefined ? undefined : objectiveValue(objective, price, accuracy);
    if (limit === undefined || value === undefined || value <= limit) continue;
    const excess = { objective, limit, value };
    if (!worst || ratio(excess) > ratio(worst)) worst = excess;
  }
  return worst;
}

/** How much of the limit that binds a price takes: within all limits at most 1. */
export function crowding(price: Price, limits: Limits): number {
  const taken = OBJECTIVES.flatMap((objective) => {
    const [limit, value] = [limits[objective], objectiveValue(objective, price)];
    return limit === undefined || value === undefined ? [] : [ratio({ objective, limit, value })];
  });
  return Math.max(0, ...taken);
}

export const ratio = ({ value, limit }: Excess): number => value / Math.max(limit, Number.MIN_VALUE);

export const isFeasible = (trial: Finished, limits: Limits): boolean => excessOf(trial.price, limits, trial.accuracy) === undefined;
