import type { InputEncoding } from '../dataset/dataset.ts';
import { type Arithmetic, INPUT, type Network, type Parameters } from '../network/network.ts';
import { lower, type Stage } from '../network/stage.ts';
import { ACTIVATION_LEVELS, type Encoding, LARGEST_JOIN_SHIFT, powerOfTwo, rescale, WEIGHT_LEVELS } from './arithmetic.ts';
import { foldedWeights, outputChannel } from './fold.ts';
import type { QuantizedNetwork, QuantizedStage, QuantizedWeights } from './network.ts';
import { weightScales } from './scale.ts';

/** The extremes of each layer's output over the calibration samples, by layer name. */
export type Ranges = ReadonlyMap<string, { readonly min: number; readonly max: number }>;

/** The int8 network of a trained one. `ranges` come from the trained network over training samples. */
export function quantize(network: Network, parameters: Parameters, encoding: InputEncoding, ranges: Ranges): QuantizedNetwork {
  const stages = lower(network);
  const input = { shape: network.input, encoding: { scale: 1 / encoding.deviation, zeroPoint: encoding.zeroPoint, unsigned: true } };
  const encodings = new Map<string, Encoding>([[INPUT, input.encoding]]);
  const quantized = stages.map((stage) => {
    const inputs = stage.inputs.map((name) => encodings.get(name)!);
    const result = quantizeStage(stage, inputs, parameters, ranges, network.arithmetic ?? {});
    encodings.set(stage.name, result.encoding);
    return result;
  });
  return { input, stages: quantized };
}

function quantizeStage(
  stage: Stage,
  inputs: readonly Encoding[],
  parameters: Parameters,
  ranges: Ranges,
  arithmetic: Arithmetic,
): QuantizedStage {
  switch (stage.op) {
    case 'conv2d':
    case 'depthwise':
    case 'dense':
      return quantizeWeighted(stage, inputs[0], parameters, ranges, arithmetic);
    case 'maxPool':
    case 'relu': {
      const [encoding] = inputs;
      const [lowest, highest] = encoding.unsigned ? [0, 255] : ACTIVATION_LEVELS[arithmetic.activationBits ?? 8];
      const low = stage.relu || stage.op === 'relu' ? encoding.zeroPoint : lowest;
      const ceiling = encoding.zeroPoint + Math.round((stage.ceiling ?? Infinity) / encoding.scale);
      return { ...stage, encoding, low, high: Math.min(highest, ceiling) };
    }
    case 'averagePool': {
      const { kernelY, kernelX } = stage.window!;
      const output = outputOf(stage, ranges, arithmetic);
      return { ...stage, ...output, rescale: rescale([inputs[0].scale / (kernelY * kernelX * output.encoding.scale)]) };
    }
    case 'add':
    case 'concat': {
      const output = outputOf(stage, ranges, arithmetic);
      return {
        ...stage,
        ...output,
        rescale: rescale(
          inputs.map((each) => each.scale / output.encoding.scale),
          LARGEST_JOIN_SHIFT,
        ),
      };
    }
  }
}

function quantizeWeighted(stage: Stage, input: Encoding, parameters: Parameters, ranges: Ranges, arithmetic: Arithmetic): QuantizedStage {
  const { weight, bias } = foldedWeights(stage, parameters);
  const steps = stage.batchNorm ? undefined : parameters[stage.name].step;
  const scales = weightScales(stage, weight, bias, input.scale, steps);
  if (stage.raw) {
    const encoding = { scale: input.scale * scales[0], zeroPoint: 0, unsigned: false };
    return { ...stage, weights: toIntegers(stage, weight, bias, input, scales), encoding, low: -(2 ** 31), high: 2 ** 31 - 1 };
  }
  const output = outputOf(stage, ranges, arithmetic);
  const ratios = scales.map((scale) => (input.scale * scale) / output.encoding.scale);
  if (arithmetic.powerOfTwo) {
    ratios.forEach((ratio, channel) => {
      ratios[channel] = powerOfTwo(ratio);
      scales[channel] = (ratios[channel] * output.encoding.scale) / input.scale;
    });
  }
  return { ...stage, ...output, weights: toIntegers(stage, weight, bias, input, scales), rescale: rescale(ratios) };
}

function toIntegers(stage: Stage, weight: Float64Array, bias: Float64Array, input: Encoding, scales: Float64Array): QuantizedWeights {
  const [low, high] = WEIGHT_LEVELS[stage.bits ?? 8];
  const integer = (value: number, i: number) => Math.round(value / scales[outputChannel(stage, weight.length, i)]);
  return {
    weight: Int8Array.from(weight, (value, i) => Math.max(low, Math.min(high, integer(value, i)))),
    bias: Int32Array.from(bias, (value, channel) => Math.round(value / (input.scale * scales[channel]))),
    scales,
  };
}

/** Activations have zero point 0: none is negative after a ReLU. */
function outputOf(stage: Stage, ranges: Ranges, { activationBits = 8, powerOfTwo: power }: Arithmetic): Output {
  const range = ranges.get(stage.layers[stage.layers.length - 1]);
  if (!range) throw new Error(`no calibration range for layer ${stage.layers.join(', ')}`);
  const [low, high] = ACTIVATION_LEVELS[activationBits];
  const largest = stage.relu ? Math.min(range.max, stage.ceiling ?? Infinity) : Math.max(Math.abs(range.min), Math.abs(range.max));
  const scale = (largest > 0 ? largest : 1) / high;
  return { encoding: { scale: power ? powerOfTwo(scale) : scale, zeroPoint: 0, unsigned: false }, low: stage.relu ? 0 : low, high };
}

type Output = Pick<QuantizedStage, 'encoding' | 'low' | 'high'>;
