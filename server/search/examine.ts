import type { Network } from '../network/network.ts';
import { decode } from './decode.ts';
import type { Genotype } from './genotype.ts';
import { type Excess, excessOf, type Limits, ratio } from './objective.ts';
import type { Space } from './space.ts';
import type { Price, PriceOf } from './trial.ts';

/** A genotype with its network and price; `excess` where the price is over a limit. */
export type Candidate = { readonly genotype: Genotype; readonly network: Network; readonly price: Price; readonly excess?: Excess };

/** Prices genotypes and keeps count of those refused. */
export type Examiner = {
  /** Undefined where the genotype is no network. */
  examine(genotype: Genotype): Candidate | undefined;
  readonly refused: number;
  /** Of all that were refused, the least excess. */
  readonly nearest: Excess | undefined;
};

export function createExaminer(space: Space, price: PriceOf, limits: Limits): Examiner {
  let refused = 0;
  let nearest: Excess | undefined;
  return {
    examine(genotype) {
      const network = decode(genotype.architecture, space.input, space.classes);
      if (typeof network === 'string') {
        refused++;
        return undefined;
      }
      const candidate = { genotype, network, price: price(network, genotype.pruning) };
      const excess = excessOf(candidate.price, limits);
      if (!excess) return candidate;
      refused++;
      if (!nearest || ratio(excess) < ratio(nearest)) nearest = excess;
      return { ...candidate, excess };
    },
    get refused() {
      return refused;
    },
    get nearest() {
      return nearest;
    },
  };
}

/** Two genotypes with one network and pruning are one trial, whatever genes they got there by. */
export const keyOf = (network: Network, { pruning }: Genotype): string =>
  JSON.stringify([network.layers, pruning.structured, pruning.unstructured, pruning.method]);
