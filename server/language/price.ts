import { customDevice, type Device } from '../device/device.ts';
import type { Network } from '../network/network.ts';
import { flashByStage } from '../plan/flash.ts';
import { planTarget } from '../plan/target.ts';
import { planOn, priceNetwork } from '../run/price.ts';
import type { NetworkPrice } from '../spec/features/price.ts';

/** A network's price with the flash of each layer. */
export function priceLayers(network: Network, device: Device = customDevice({ ramBytes: 0, flashBytes: 0 })): NetworkPrice {
  const price = priceNetwork(network, device);
  const flash = flashByStage(planOn(device, network), planTarget(device));
  return { ...price, layers: price.layers.map((row) => ({ ...row, flashBytes: flash.get(row.layer) ?? 0 })) };
}
