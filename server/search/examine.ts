import type { Network } from '../network/network.ts';
import { decode } from './decode.ts';
import type { Genotype } from './genotype.ts';
import { type Excess, excessOf, type Limits, ratio } from './objective.ts';
import type { Space } from './space.ts';
import type { Price, PriceOf } from './trial.ts';

/** A genotype within the limits, with its network and price. */
export type Candidate = { readonly genotype: Genotype; readonly network: Network; readonly price: Price; readonly excess?: undefined };

/** One over a limit; by how much is found out when it is asked for. */
export type Refused = { readonly genotype: Genotype; readonly excess: () => Excess };

/** Prices genotypes and keeps count of those refused. */
export type Examiner = {
  /** Undefined where the genotype is no network. */
  examine(genotype: Genotype): Candidate | Refused | undefined;
  readonly refused: number;
  /** Of all that were refused, the least excess. */
  readonly nearest: Excess | undefined;
};

export function createExaminer(space: Space, price: PriceOf, limits: Limits): Examiner {
  let refused = 0;
  const over: Refused[] = [];
  return {
    examine(genotype) {
      const network = decode(genotype.architecture, space.input, space.classes);
      if (typeof network === 'string') {
        refused++;
        return undefined;
      }
      const found = price(network, genotype.pruning, limits);
      if (found && !excessOf(found, limits)) return { genotype, network, price: found };
      refused++;
      const one = { genotype, excess: () => excessOf(found ?? price(network, genotype.pruning), limits)! };
      over.push(one);
      return one;
    },
    get refused() {
      return refused;
    },
    get nearest() {
      return over.map(({ excess }) => excess()).reduce<Excess | undefined>(nearer, undefined);
    },
  };
}

const nearer = (a: Excess | undefined, b: Excess): Excess => (a && ratio(a) <= ratio(b) ? a : b);

/** Two genotypes with one network and pruning are one trial, whatever genes they got there by. */
export const keyOf = (network: Network, { pruning }: Genotype): string =>
  JSON.stringify([network.layers, pruning.structured, pruning.unstructured, pruning.method]);
