import type { Parameters } from '../../network/network.ts';
import { outputChannel } from '../../quantize/fold.ts';
import { encodingOf, type QuantizedNetwork, type QuantizedStage } from '../../quantize/network.ts';
import { quantize } from '../../quantize/quantize.ts';
import type { SessionOptions } from '../engine.ts';
import type { Form } from '../forms/form.ts';
import { type Ceiling, writeCeiling } from '../operators/clip.ts';
import { pack, type Store, unpack } from '../store.ts';
import type { Requantization } from './place.ts';
import { createSteps, type Steps } from './steps.ts';

/**
 * Weights as the integers that `quantize` makes of the learned ones, quantised anew before each step. The gradient of an integer becomes
 * that of the weight by the scale between them (straight-through, Jacob et al. 2018).
 */
export function createQuantized(
  places: Requantization,
  ceilings: ReadonlyMap<string, Ceiling>,
  store: Store,
  options: SessionOptions,
  buffer: ArrayBuffer,
): Form {
  const { network, encoding } = options;
  const { ranges, learnedStep, integers } = options.quantized!;
  const firstSteps = options.parameters ?? {};
  /** Those that were given go on being learned. */
  const begin = (weights: Parameters): Parameters =>
    Object.fromEntries(
      Object.entries(weights).map(([layer, each]) => [layer, { step: firstSteps[layer]?.step, ...each } as Parameters[string]]),
    );
  let steps: Steps | undefined;
  let current: QuantizedNetwork | undefined;
  /** By which the gradient of each integer is divided. */
  const scales = new Float32Array(store.learned).fill(1);

  function integersOf(weights: Parameters): QuantizedNetwork {
    if (learnedStep && !steps) {
      const arithmetic = network.arithmetic ?? {};
      const quantized = quantize(network, begin(weights), encoding, ranges);
      steps = createSteps(quantized, ranges, arithmetic, places, store, buffer, options.state);
    }
    current = steps ? quantize(network, steps.parameters(weights), encoding, steps.ranges()) : quantize(network, weights, encoding, ranges);
    return current;
  }

  function settle(values: Float32Array, learned: Float32Array): void {
    const quantized = integers ?? integersOf(unpack(store, learned));
    writeCeilings(quantized, ceilings, buffer);
    const whole: { [layer: string]: { [tensor: string]: Float32Array } } = {};
    const units: { [layer: string]: { [tensor: string]: Float32Array } } = {};
    for (const stage of quantized.stages) {
      writeCode(stage, places, buffer);
      if (!stage.weights) continue;
      const { weight, bias, scales: scale } = stage.weights;
      whole[stage.name] = { weight: Float32Array.from(weight), bias: Float32Array.from(bias) };
      const input = encodingOf(quantized, stage.inputs[0]).scale;
      units[stage.name] = {
        weight: Float32Array.from(weight, (_, i) => scale![outputChannel(stage, weight.length, i)]),
        bias: Float32Array.from(bias, (_, channel) => input * scale![channel]),
      };
    }
    pack(store, whole, values);
    pack(store, units, scales);
    const last = quantized.stages[quantized.stages.length - 1];
    new Float32Array(buffer, places.logitScale, 1)[0] = last.encoding.scale;
  }

  return {
    perBlock: false,
    tensors: {},
    draw: settle,
    settle,
    collect(gradient, learned) {
      steps?.collect(gradient, learned, current!);
      for (let i = 0; i < gradient.length; i++) gradient[i] /= scales[i];
    },
    finish(_gradient, _learned, { learningRate }) {
      steps?.learn(learningRate);
    },
    read(values, learned) {
      values.set(learned);
    },
    complete: (parameters) => steps?.parameters(parameters) ?? parameters,
    ranges: () => steps?.ranges() ?? ranges,
    slopes: () => steps?.slopes() ?? {},
    ...(learnedStep && {
      kept(learned: Float32Array) {
        if (!steps) integersOf(unpack(store, learned));
        return steps!.kept();
      },
    }),
  };
}

function writeCode({ name, op, window, low, high, rescale }: QuantizedStage, { codes }: Requantization, buffer: ArrayBuffer): void {
  const place = codes.get(name);
  if (!place || !rescale) return;
  const { multipliers, shift } = rescale;
  const area = op === 'averagePool' ? window!.kernelY * window!.kernelX : 1;
  new Float64Array(buffer, place.code, 5).set([2 ** (shift - 1), 2 ** -shift, area, place.relu ? 0 : low, high]);
  const joins = place.factors !== undefined;
  new Float64Array(buffer, place.multipliers, place.channels).set(
    Array.from({ length: place.channels }, (_, channel) => (joins ? 1 : op === 'averagePool' ? multipliers[0] : multipliers[channel])),
  );
  place.factors?.forEach((at, input) => {
    new Float32Array(buffer, at, 1)[0] = multipliers[input];
  });
}

/** Where clipping is not the saturation of what a layer gives, its ceiling is one of the integers. */
function writeCeilings({ stages }: QuantizedNetwork, ceilings: ReadonlyMap<string, Ceiling>, buffer: ArrayBuffer): void {
  for (const [name, ceiling] of ceilings) {
    const stage = stages.find((each) => each.name === name && each.op === 'relu');
    writeCeiling(ceiling, stage ? stage.high - stage.encoding.zeroPoint : Infinity, buffer);
  }
}
