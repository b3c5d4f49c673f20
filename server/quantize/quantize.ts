import type { InputEncoding } from '../dataset/dataset.ts';
import { INPUT, type Network, type Parameters } from '../network/network.ts';
import { lower, type Stage } from '../network/stage.ts';
import { type Encoding, LARGEST_JOIN_SHIFT, rescale } from './arithmetic.ts';
import { foldedWeights, outputChannel } from './fold.ts';
import type { QuantizedNetwork, QuantizedStage } from './network.ts';

/** The extremes of each layer's output over the calibration samples, by layer name. */
export type Ranges = ReadonlyMap<string, { readonly min: number; readonly max: number }>;

/** A bias beyond this would crowd its sum out of int32; the channel's weight scale is raised until it fits. */
const LARGEST_BIAS = 2 ** 24;

/** The int8 network of a trained one. `ranges` come from the trained network over training samples. */
export function quantize(network: Network, parameters: Parameters, encoding: InputEncoding, ranges: Ranges): QuantizedNetwork {
  const stages = lower(network);
  const input = { shape: network.input, encoding: { scale: 1 / encoding.deviation, zeroPoint: encoding.zeroPoint, unsigned: true } };
  const encodings = new Map<string, Encoding>([[INPUT, input.encoding]]);
  const quantized = stages.map((stage) => {
    const inputs = stage.inputs.map((name) => encodings.get(name)!);
    const result = quantizeStage(stage, inputs, parameters, ranges);
    encodings.set(stage.name, result.encoding);
    return result;
  });
  return { input, stages: quantized };
}

function quantizeStage(stage: Stage, inputs: readonly Encoding[], parameters: Parameters, ranges: Ranges): QuantizedStage {
  switch (stage.op) {
    case 'conv2d':
    case 'depthwise':
    case 'dense':
      return quantizeWeighted(stage, inputs[0], parameters, ranges);
    case 'maxPool':
    case 'relu': {
      const [encoding] = inputs;
      const lowest = encoding.unsigned ? 0 : -128;
      const low = stage.relu || stage.op === 'relu' ? encoding.zeroPoint : lowest;
      const ceiling = encoding.zeroPoint + Math.round((stage.ceiling ?? Infinity) / encoding.scale);
      return { ...stage, encoding, low, high: Math.min(lowest + 255, ceiling) };
    }
    case 'averagePool': {
      const { kernelY, kernelX } = stage.window!;
      const output = outputOf(stage, ranges);
      return { ...stage, ...output, rescale: rescale([inputs[0].scale / (kernelY * kernelX * output.encoding.scale)]) };
    }
    case 'add':
    case 'concat': {
      const output = outputOf(stage, ranges);
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

function quantizeWeighted(stage: Stage, input: Encoding, parameters: Parameters, ranges: Ranges): QuantizedStage {
  const { weight, bias } = foldedWeights(stage, parameters);
  const scales = weightScales(stage, weight, bias, input.scale);
  if (stage.raw) scales.fill(Math.max(...scales));
  const weights = {
    weight: Int8Array.from(weight, (value, i) => Math.round(value / scales[outputChannel(stage, weight.length, i)])),
    bias: Int32Array.from(bias, (value, channel) => Math.round(value / (input.scale * scales[channel]))),
  };
  if (stage.raw)
    return {
      ...stage,
      weights,
      encoding: { scale: input.scale * scales[0], zeroPoint: 0, unsigned: false },
      low: -(2 ** 31),
      high: 2 ** 31 - 1,
    };
  const output = outputOf(stage, ranges);
  return { ...stage, ...output, weights, rescale: rescale(scales.map((scale) => (input.scale * scale) / output.encoding.scale)) };
}

/** Symmetric, one per output channel: the largest weight becomes 127. */
function weightScales(stage: Stage, weight: Float64Array, bias: Float64Array, inputScale: number): Float64Array {
  const scales = new Float64Array(stage.shape.channels);
  weight.forEach((value, i) => {
    const channel = outputChannel(stage, weight.length, i);
    scales[channel] = Math.max(scales[channel], Math.abs(value) / 127);
  });
  return scales.map((scale, channel) => {
    const floor = Math.abs(bias[channel]) / (inputScale * LARGEST_BIAS);
    return Math.max(scale, floor) || 1 / 127;
  });
}

/** Activations have zero point 0: 0..127 after a ReLU, -128..127 otherwise. */
function outputOf(stage: Stage, ranges: Ranges): { encoding: Encoding; low: number; high: number } {
  const range = ranges.get(stage.layers[stage.layers.length - 1]);
  if (!range) throw new Error(`no calibration range for layer ${stage.layers.join(', ')}`);
  const largest = stage.relu ? Math.min(range.max, stage.ceiling ?? Infinity) : Math.max(Math.abs(range.min), Math.abs(range.max));
  return { encoding: { scale: (largest > 0 ? largest : 1) / 127, zeroPoint: 0, unsigned: false }, low: stage.relu ? 0 : -128, high: 127 };
}
