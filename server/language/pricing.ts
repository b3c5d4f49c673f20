import type { Device } from '../device/device.ts';
import type { Network } from '../network/network.ts';
import type { NetworkPrice, PriceNetwork } from '../spec/features/price.ts';

/** Prices that are remembered, so that a keystroke elsewhere does not plan the same network again. */
export type Pricing = {
  /** All that is known of the price, and at least what can be told at once. */
  readonly now: PriceNetwork;
  /** The whole price, of all but huge networks; told under a name that is the same for the same network on the same device. */
  later(network: Network, device?: Device): string;
};

const MOST_KEPT = 32;
/** Of more, the whole price would hold up the next keystroke for a second: `sparse check` tells it. */
const MOST_LAYERS = 100;

export function createPricing(atOnce: PriceNetwork, whole: PriceNetwork): Pricing {
  const known = new Map<string, { readonly price: NetworkPrice | undefined; readonly isWhole: boolean }>();
  const names = new WeakMap<Network, string>();
  const nameOf = (network: Network, device?: Device) => {
    const name = names.get(network) ?? JSON.stringify(network);
    names.set(network, name);
    return `${name} ${JSON.stringify(device)}`;
  };
  const keep = (name: string, price: NetworkPrice | undefined, isWhole: boolean) => {
    known.delete(name);
    known.set(name, { price, isWhole });
    if (known.size > MOST_KEPT) known.delete(known.keys().next().value!);
    return price;
  };
  return {
    now(network, device) {
      const name = nameOf(network, device);
      const found = known.get(name);
      return found ? keep(name, found.price, found.isWhole) : keep(name, atOnce(network, device), false);
    },
    later(network, device) {
      const name = nameOf(network, device);
      if (network.layers.length <= MOST_LAYERS && !known.get(name)?.isWhole) keep(name, whole(network, device), true);
      return name;
    },
  };
}
