import { customDevice, type Device } from '../device/device.ts';
import type { Network } from '../network/network.ts';
import { predictFlash } from '../plan/flash.ts';
import { planTarget } from '../plan/target.ts';
import { planOn, priceNetwork } from '../run/price.ts';
import type { NetworkPrice } from '../spec/features/price.ts';

/** A network's price with the flash of each layer: what a program with this layer alone takes, less what one without any takes. */
export function priceLayers(network: Network, device: Device = customDevice({ ramBytes: 0, flashBytes: 0 })): NetworkPrice {
  const price = priceNetwork(network, device);
  const plan = planOn(device, network);
  const target = planTarget(device);
  const base = predictFlash({ ...plan, stages: [] }, target);
  const flash = new Map(plan.stages.map((each) => [each.stage.name, predictFlash({ ...plan, stages: [each] }, target) - base]));
  return { ...price, layers: price.layers.map((row) => ({ ...row, flashBytes: Math.max(0, flash.get(row.layer) ?? 0) })) };
}
