import type { Excess, Limits, Objective } from './objective.ts';
import type { Space } from './space.ts';
import { createEvolution } from './strategies/evolution.ts';
import { createRandomSearch } from './strategies/random.ts';
import { createSparse } from './strategies/sparse.ts';
import type { PriceOf, Proposal, Trial } from './trial.ts';

/**
 * What to try next. The answers follow from the options and from what was told and adopted, in that order: a search resumes as a new strategy
 * that is told the finished trials again and adopts those that were in flight.
 */
export interface Strategy {
  /** A proposal within the limits that was never proposed before. */
  ask(): Proposal | Exhausted;
  tell(trial: Trial): void;
  /** Takes over a proposal of an earlier process that is still to be tried. */
  adopt(proposal: Proposal): void;
}

/** No proposal was found within the bounded number of draws; after more trials are told there may be one. */
export type Exhausted = {
  readonly exhausted: true;
  readonly refused: number;
  readonly duplicates: number;
  /** Whether every network of the space was looked at; else there may be some that were not found. */
  readonly complete: boolean;
  /** The limit that the closest draw was over; absent where some were within the limits, but all proposed before. */
  readonly nearest?: Excess;
};

export type SearchOptions = {
  readonly space: Space;
  readonly price: PriceOf;
  readonly objectives: readonly Objective[];
  readonly limits: Limits;
  readonly seed: number;
};

export const strategies = {
  random: createRandomSearch,
  evolution: createEvolution,
  sparse: createSparse,
} satisfies { [name: string]: (options: SearchOptions) => Strategy };

export type StrategyName = keyof typeof strategies;

export const createStrategy = (name: StrategyName, options: SearchOptions): Strategy => strategies[name](options);

export const isExhausted = (answer: Proposal | Exhausted): answer is Exhausted => 'exhausted' in answer;
