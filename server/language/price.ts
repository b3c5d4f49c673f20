import { customDevice, type Device } from '../device/device.ts';
import type { Network } from '../network/network.ts';
import { flashByStage } from '../plan/flash.ts';
import { planTarget } from '../plan/target.ts';
import { type PricedNetwork, planOn, priceNetwork, priceRam } from '../run/price.ts';
import type { NetworkPrice } from '../spec/features/price.ts';

const GENERIC = customDevice({ ramBytes: 0, flashBytes: 0 });

/** A network's price with the flash of each layer, for which its code is written and counted: more than there is time for in a keystroke. */
export function priceLayers(network: Network, device: Device = GENERIC): PricedNetwork {
  const plan = planOn(device, network);
  const price = priceNetwork(network, device, plan);
  const flash = flashByStage(plan, planTarget(device));
  return { ...price, layers: price.layers.map((row) => ({ ...row, flashBytes: flash.get(row.layer) ?? 0 })) };
}

/** Its RAM, to the byte, which the plan alone tells. */
export const priceAtOnce = (network: Network, device: Device = GENERIC): NetworkPrice => priceRam(planOn(device, network));
