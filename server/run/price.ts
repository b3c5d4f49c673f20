import { customDevice, type Device } from '../device/device.ts';
import { macCount } from '../network/check.ts';
import type { Network, Parameters } from '../network/network.ts';
import { formatShape } from '../network/shape.ts';
import { hasWeights, lower, type Stage, weightCount } from '../network/stage.ts';
import { choosePlan, type Goal } from '../plan/choose.ts';
import { withinFlash, withMostCode } from '../plan/code.ts';
import { predictCycles } from '../plan/cycles.ts';
import { leastFlash, type NonZeros, predictFlash } from '../plan/flash.ts';
import { paperCost, survivorsOf } from '../plan/paper.ts';
import type { Plan, Weights } from '../plan/plan.ts';
import { planTarget } from '../plan/target.ts';
import { foldedWeights } from '../quantize/fold.ts';
import { nonZeros as countOf } from '../quantize/nonzeros.ts';
import type { Pruning } from '../search/genotype.ts';
import type { Limits } from '../search/objective.ts';
import { remember } from '../search/remember.ts';
import type { Price, PriceOf } from '../search/trial.ts';
import type { NetworkPrice } from '../spec/features/price.ts';
import { withoutShare } from '../training/prune/shape.ts';

/** The plan of a sound network on a device: what prices it, what the editor shows and what its C follows. */
export const planOn = (device: Device, network: Network, stages: readonly Stage[] = lower(network)): Plan =>
  choosePlan(network.input, stages, planTarget(device), goalOn(device));

/** The plan with what flash is left spent on speed, where a spec prefers that, and its weights in few bytes where it is too large: RAM stays as it is. */
export function spendingFlash(plan: Plan, device: Device, weights?: Weights): Plan {
  const { prefer, flashBytes } = device.allotted ?? {};
  if (flashBytes === undefined) return plan;
  const target = planTarget(device);
  const fast = prefer === 'speed' ? withMostCode(plan, target, flashBytes, weights) : plan;
  return fast === plan ? withinFlash(plan, target, flashBytes, weights) : fast;
}

/** What plans on a device are chosen for. */
export function goalOn({ allotted }: Device): Goal {
  const { prefer = 'speed', ramBytes } = allotted ?? {};
  return { objective: prefer === 'speed' ? 'cycles' : prefer, ramBytes };
}

/** What a network costs on a device. With its trained parameters, flash and the paper's figures count what pruning left of it. */
export function priceOf(device: Device, network: Network, parameters?: Parameters): Price {
  const nonZeros = parameters && ((stage: Stage) => countOf(parameters[stage.name]?.weight));
  const plan = spendingFlash(planOn(device, network), device, nonZeros);
  const stages = stagesOf(plan);
  return price(device, network, plan, nonZeros, parameters && survivorsOf(stages, foldedParameters(stages, parameters)));
}

function price(device: Device, network: Network, plan: Plan, nonZeros?: NonZeros, survivors?: ReturnType<typeof survivorsOf>): Price {
  const target = planTarget(device);
  const macs = macCount(network);
  const cycles = predictCycles(plan, target, nonZeros) ?? macs * device.cyclesPerMac;
  return {
    ramBytes: plan.ramBytes,
    flashBytes: predictFlash(plan, target, nonZeros),
    ...paperCost(stagesOf(plan), survivors),
    macs,
    cycles,
    latencyMs: (cycles * 1000) / device.clockHz,
  };
}

const stagesOf = (plan: Plan): Stage[] => plan.stages.map(({ stage }) => stage);

/** As they are on the chip: what batch norm adds to a channel is its bias. */
const foldedParameters = (stages: readonly Stage[], parameters: Parameters): Parameters =>
  Object.fromEntries(
    stages.filter(hasWeights).map((stage) => {
      const { weight, bias } = foldedWeights(stage, parameters);
      return [stage.name, { weight: Float32Array.from(weight), bias: Float32Array.from(bias) }];
    }),
  );

/**
 * What a network will cost once pruned: fewer channels make it a smaller network; single weights taken out, but no biases, make `size` and perhaps `flash` smaller.
 * Given limits, undefined as soon as it is sure that RAM or flash is over them.
 */
export function priceBeforeTraining(device: Device, network: Network, pruning: Pruning): Price;
export function priceBeforeTraining(device: Device, network: Network, pruning: Pruning, limits?: Limits): Price | undefined;
export function priceBeforeTraining(
  device: Device,
  network: Network,
  pruning: Pruning,
  { ram = Number.POSITIVE_INFINITY, flash = Number.POSITIVE_INFINITY }: Limits = {},
): Price | undefined {
  const smaller = withoutShare(network, pruning.structured);
  const left = 1 - pruning.unstructured;
  const nonZeros = (stage: Stage) => Math.ceil(weightCount(stage) * left);
  const stages = lower(smaller);
  if (leastFlash(stages, nonZeros) > flash) return undefined;
  const planned = planOn(device, smaller, stages);
  if (planned.ramBytes > ram) return undefined;
  const plan = spendingFlash(planned, device, nonZeros);
  const expected = price(device, smaller, plan, nonZeros);
  const weights = stagesOf(plan).reduce((sum, stage) => sum + weightCount(stage), 0);
  return { ...expected, size: expected.size - Math.round(weights * pruning.unstructured) };
}

/** Prices before training as a search asks for them; `deployed` is what becomes of its networks before they are trained. */
export const pricesOn = (device: Device, deployed = (network: Network) => network): PriceOf =>
  remember(((network, pruning, limits?: Limits) => priceBeforeTraining(device, deployed(network), pruning, limits)) as PriceOf);

/** A network's price as the editor shows it; without a device, as for a generic 32-bit one. */
export function priceNetwork(network: Network, device: Device = GENERIC, plan: Plan = planOn(device, network)): PricedNetwork {
  return { ...priceRam(plan), flashBytes: predictFlash(spendingFlash(plan, device), planTarget(device)) };
}

export type PricedNetwork = NetworkPrice & Required<Pick<NetworkPrice, 'flashBytes'>>;

/** What of it the plan alone tells. */
export function priceRam(plan: Plan): NetworkPrice {
  return {
    ramBytes: plan.ramBytes,
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
