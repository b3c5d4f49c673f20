import { customDevice, type Device } from '../device/device.ts';
import { macCount } from '../network/check.ts';
import type { Network, Parameters } from '../network/network.ts';
import { formatShape } from '../network/shape.ts';
import { lower, weightCount } from '../network/stage.ts';
import { choosePlan } from '../plan/choose.ts';
import { type NonZeros, predictFlash } from '../plan/flash.ts';
import { paperCost, survivorsOf } from '../plan/paper.ts';
import type { Plan } from '../plan/plan.ts';
import { planTarget } from '../plan/target.ts';
import type { Pruning } from '../search/genotype.ts';
import type { Price } from '../search/trial.ts';
import type { NetworkPrice } from '../spec/features/price.ts';
import { withoutShare } from '../training/prune/shape.ts';

/** The plan of a sound network on a device: what prices it, what the editor shows and what its C follows. */
export const planOn = (device: Device, network: Network): Plan => choosePlan(network.input, lower(network), planTarget(device));

/** What a network costs on a device. With its trained parameters, flash and the paper's figures count what pruning left of it. */
export function priceOf(device: Device, network: Network, parameters?: Parameters): Price {
  return price(device, network, parameters && ((stage) => nonZeroCount(parameters[stage.name].weight)), parameters);
}

function price(device: Device, network: Network, nonZeros?: NonZeros, parameters?: Parameters): Price {
  const plan = planOn(device, network);
  const stages = plan.stages.map((each) => each.stage);
  const macs = macCount(network);
  return {
    ramBytes: plan.ramBytes,
    flashBytes: predictFlash(plan, planTarget(device), nonZeros),
    ...paperCost(stages, parameters && survivorsOf(stages, parameters)),
    macs,
    latencyMs: (macs * device.cyclesPerMac * 1000) / device.clockHz,
  };
}

/** What a network will cost once pruned: fewer channels make it a smaller network; single weights taken out make `size` and `wm1` smaller. */
export function priceBeforeTraining(device: Device, network: Network, pruning: Pruning): Price {
  const left = 1 - pruning.unstructured;
  const expected = price(device, withoutShare(network, pruning.structured), (stage) => Math.ceil(weightCount(stage) * left));
  return { ...expected, size: Math.round(expected.size * left) };
}

/** A network's price as the editor shows it; without a device, as for a generic 32-bit one. */
export function priceNetwork(network: Network, device: Device = GENERIC): NetworkPrice {
  const plan = planOn(device, network);
  return {
    ramBytes: plan.ramBytes,
    flashBytes: predictFlash(plan, planTarget(device)),
    peak: plan.peak,
    layers: plan.stages.map((each) => ({
      layer: each.stage.name,
      shape: formatShape(each.stage.shape),
      bufferBytes: each.bufferBytes,
      liveBytes: each.liveBytes + plan.stackBytes,
      form: each.form,
    })),
  };
}

const GENERIC = customDevice({ ramBytes: 0, flashBytes: 0 });

export const nonZeroCount = (weights: Float32Array | Int8Array): number => {
  let count = 0;
  for (const weight of weights) if (weight !== 0) count++;
  return count;
};
