import type { Network } from '../network/network.ts';
import type { Strategy } from '../search/strategy.ts';
import type { Price } from '../search/trial.ts';

/** The strategy of a spec whose network is written by hand: that network and no other. */
export function createGiven(network: Network, price: Price): Strategy {
  let asked = false;
  return {
    ask() {
      if (asked) return { exhausted: true, refused: 0, duplicates: 0, complete: true };
      asked = true;
      return { id: 0, network, price, refused: 0, duplicates: 0 };
    },
    tell() {
      asked = true;
    },
    adopt() {
      asked = true;
    },
  };
}
