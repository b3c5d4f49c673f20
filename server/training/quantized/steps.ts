import type { Arithmetic, Parameters } from '../../network/network.ts';
import { ACTIVATION_LEVELS, WEIGHT_LEVELS } from '../../quantize/arithmetic.ts';
import { outputChannel } from '../../quantize/fold.ts';
import type { QuantizedNetwork, QuantizedStage } from '../../quantize/network.ts';
import type { Ranges } from '../../quantize/quantize.ts';
import type { TrainingState } from '../engine.ts';
import { createAdam } from '../forms/adam.ts';
import type { Store } from '../store.ts';
import type { Requantization } from './place.ts';

/** Scales that are learned with the weights. */
export type Steps = {
  /** What `quantize` takes: the parameters with a `step` for each layer, and the ranges. */
  parameters(weights: Parameters): Parameters;
  ranges(): Ranges;
  /** Reads the gradients of the scales out of those of the integers, and stops those of weights beyond the bounds. */
  collect(gradient: Float32Array, learned: Float32Array, network: QuantizedNetwork): void;
  learn(learningRate: number): void;
  slopes(): Parameters;
  /** Everything that learning them goes on from. */
  kept(): Kept;
};

/** By role, and layer by layer a `step` of the weights and an `activationStep`: the logarithms, and their optimiser's moments. */
type Kept = { readonly steps: number; readonly tensors: { readonly [role: string]: Parameters } };

/**
 * Learned step size (Esser et al. 2020): the gradient of a scale is that of what it quantises times the rounding error, and beyond a bound times
 * the bound. Scales are learned by Adam in their logarithms (as Jain et al. 2020 do), where the gradient needs no scaling by the count of
 * weights, and a scale stays positive. `begin` is the network quantised by the rules without learning; a state that has scales is gone on from.
 */
export function createSteps(
  begin: QuantizedNetwork,
  measured: Ranges,
  { activationBits = 8 }: Arithmetic,
  places: Requantization,
  store: Store,
  buffer: ArrayBuffer,
  state?: TrainingState,
): Steps {
  const high = ACTIVATION_LEVELS[activationBits][1];
  const weighted = begin.stages.filter(({ weights }) => weights).map((stage) => ofWeights(stage, store));
  const activations = begin.stages.flatMap((stage) => {
    const slope = places.codes.get(stage.name)?.learned?.slope;
    if (slope === undefined) return [];
    const lanes = new Float32Array(buffer, slope, 4);
    return [{ ...learned([stage.encoding.scale]), tensor: 'activationStep', stage, layer: stage.layers[stage.layers.length - 1], lanes }];
  });
  const all = [...weighted, ...activations];
  const byLayer = (of: (each: (typeof all)[number]) => Float32Array): Parameters => {
    const laid: { [layer: string]: { [tensor: string]: Float32Array } } = {};
    for (const each of all) laid[each.stage.name] = { ...laid[each.stage.name], [each.tensor]: of(each).slice() };
    return laid;
  };
  if (state?.tensors.logStep) for (const each of all) resume(each, state);

  return {
    parameters: (weights) => ({
      ...weights,
      ...Object.fromEntries(weighted.map(({ stage, values }) => [stage.name, { ...weights[stage.name], step: spread(stage, values()) }])),
    }),
    ranges() {
      const ranges = new Map(measured);
      for (const { layer, values } of activations) ranges.set(layer, { min: -values()[0] * high, max: values()[0] * high });
      return ranges;
    },
    collect(gradient, latents, network) {
      for (const each of weighted) each.collect(gradient, latents, network);
      for (const { lanes, slope } of activations) {
        slope[0] = lanes[0] + lanes[1] + lanes[2] + lanes[3];
        lanes.fill(0);
      }
    },
    learn(learningRate) {
      for (const { adam, logs, slope } of all) adam.step(logs, slope, learningRate);
    },
    slopes: () => byLayer(({ slope }) => slope),
    kept: () => ({
      steps: all[0].adam.steps(),
      tensors: Object.fromEntries(Object.keys(roles(all[0])).map((role) => [role, byLayer((each) => roles(each)[role as Role])])),
    }),
  };
}

type Role = keyof ReturnType<typeof roles>;
/** What is kept of a learned scale. */
const roles = ({ logs, adam }: Pick<ReturnType<typeof learned>, 'logs' | 'adam'>) => ({
  logStep: logs,
  logStepFirst: adam.first,
  logStepSecond: adam.second,
});

function resume({ stage, tensor, ...each }: Named, { formSteps = 0, tensors }: TrainingState): void {
  each.adam.resume(formSteps);
  for (const [role, values] of Object.entries(roles(each))) {
    const kept = tensors[role]?.[stage.name]?.[tensor];
    if (kept?.length !== values.length) throw new RangeError(`the state has no ${role} of ${stage.name} with ${values.length} scales`);
    values.set(kept);
  }
}

type Named = Pick<ReturnType<typeof learned>, 'logs' | 'adam'> & { readonly stage: QuantizedStage; readonly tensor: string };

/** Positive numbers in their logarithms, and the gradient by these. */
function learned(begin: readonly number[]) {
  const logs = Float32Array.from(begin, Math.log);
  const slope = new Float32Array(logs.length);
  return { logs, slope, adam: createAdam(logs.length), values: () => logs.map(Math.exp) };
}

/** One scale for each output channel, or for all where the stage is raw. */
function ofWeights(stage: QuantizedStage, store: Store) {
  const { weight, scales } = stage.weights!;
  const steps = learned(stage.raw ? [scales![0]] : [...scales!]);
  const { first, packing } = store.places.find(({ layer, kind }) => layer === stage.name && kind === 'weight')!;
  const [low, high] = WEIGHT_LEVELS[stage.bits ?? 8];
  const collect = (gradient: Float32Array, latents: Float32Array, { stages }: QuantizedNetwork) => {
    // Those computed with: where they are powers of two, not those learned.
    const used = stages.find(({ name }) => name === stage.name)!.weights!.scales!;
    steps.slope.fill(0);
    packing.index.forEach((index, i) => {
      const channel = outputChannel(stage, weight.length, i);
      const real = latents[first + index] / used[channel];
      const inside = real > low && real < high;
      const residual = inside ? Math.round(real) - real : real <= low ? low : high;
      steps.slope[stage.raw ? 0 : channel] += gradient[first + index] * residual;
      if (!inside) gradient[first + index] = 0;
    });
  };
  return { ...steps, tensor: 'step', stage, collect };
}

const spread = (stage: QuantizedStage, steps: Float32Array): Float32Array =>
  stage.raw ? new Float32Array(stage.shape.channels).fill(steps[0]) : steps;
