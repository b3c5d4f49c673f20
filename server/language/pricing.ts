import type { Device } from '../device/device.ts';
import type { Network } from '../network/network.ts';
import type { NetworkPrice, PriceNetwork } from '../spec/features/price.ts';

/** Prices that are remembered, so that a keystroke elsewhere does not plan the same network again. */
export type Pricing = {
  /** At once, if the network is small or was priced before; else not now. */
  readonly now: PriceNetwork;
  /** However long it takes; told under a name that is the same for the same network on the same device. */
  later(network: Network, device?: Device): string;
};

/** The plan of so many layers is found within a keystroke; the effort grows with their cube. */
const MOST_LAYERS = 40;
const MOST_KEPT = 32;

export function createPricing(price: PriceNetwork): Pricing {
  const known = new Map<string, NetworkPrice | undefined>();
  const names = new WeakMap<Network, string>();
  const keyOf = (network: Network, device?: Device) => {
    const name = names.get(network) ?? JSON.stringify(network);
    names.set(network, name);
    return `${name} ${JSON.stringify(device)}`;
  };
  const priced = (key: string, network: Network, device?: Device) => {
    const found = known.has(key) ? known.get(key) : price(network, device);
    known.delete(key);
    known.set(key, found);
    if (known.size > MOST_KEPT) known.delete(known.keys().next().value!);
    return found;
  };
  return {
    now(network, device) {
      const key = keyOf(network, device);
      return known.has(key) || network.layers.length <= MOST_LAYERS ? priced(key, network, device) : undefined;
    },
    later(network, device) {
      const key = keyOf(network, device);
      priced(key, network, device);
      return key;
    },
  };
}
