import type { Network } from '../network/network.ts';
import type { Pruning } from './genotype.ts';
import type { Limits } from './objective.ts';
import type { Price, PriceOf } from './trial.ts';

/** The same prices, of which the last `most` are not computed again. */
export function remember(price: PriceOf, most = 2000): PriceOf {
  const known = new Map<string, Price>();
  const remembered = (network: Network, pruning: Pruning, limits: Limits = {}): Price | undefined => {
    const key = JSON.stringify([network.layers, pruning]);
    const before = known.get(key);
    if (before) return before;
    const found = price(network, pruning, limits);
    if (!found) return undefined;
    if (known.size >= most) known.delete(known.keys().next().value!);
    known.set(key, found);
    return found;
  };
  return remembered as PriceOf;
}
