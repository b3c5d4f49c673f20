import { BATCH_NORM_EPSILON, INPUT, type Layer, type Network, type Parameters } from '../../network/network.ts';
import type { Trace } from './trace.ts';

/**
 * Before channels are removed: adds to the biases of those that read them what they give where they are constant, as a channel is whose
 * weights are all masked. At a padded border, where a kernel sees less of the channel, that is too much.
 */
export function foldConstants(network: Network, parameters: Parameters, { channels }: Trace, removed: ReadonlySet<number>): Parameters {
  const constants = constantsOf(network, parameters);
  return Object.fromEntries(
    network.layers.flatMap((layer) => {
      const tensors = parameters[layer.name];
      if (!tensors) return [];
      if (layer.op !== 'conv2d' && layer.op !== 'dense') return [[layer.name, tensors]];
      const read = channels.get(layer.inputs[0])!;
      const given = constants.get(layer.inputs[0])!.map((value, channel) => (removed.has(read[channel]) ? (value ?? 0) : 0));
      const sums = sumsOf(tensors.weight, tensors.bias.length, given);
      return [[layer.name, { ...tensors, bias: tensors.bias.map((bias, output) => bias + sums[output]) }]];
    }),
  );
}

/** What each channel of a tensor is everywhere; undefined where it depends on the input. */
type Constants = readonly (number | undefined)[];

function constantsOf(network: Network, parameters: Parameters): ReadonlyMap<string, Constants> {
  const all = new Map<string, Constants>([[INPUT, new Array(network.input.channels).fill(undefined)]]);
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => all.get(name)!);
    all.set(layer.name, outputOf(layer, inputs, parameters[layer.name]));
  }
  return all;
}

function outputOf(layer: Layer, inputs: readonly Constants[], tensors: Parameters[string]): Constants {
  const [input] = inputs;
  switch (layer.op) {
    case 'conv2d':
    case 'dense': {
      const { weight, bias } = tensors;
      // Whether anything that is not constant is read, and what the rest gives.
      const varying = input.map((value) => (value === undefined ? 1 : 0));
      const reads = sumsOf(weight.map(Math.abs), bias.length, varying);
      const sums = sumsOf(
        weight,
        bias.length,
        input.map((value) => value ?? 0),
      );
      return Array.from(bias, (value, output) => (reads[output] > 0 ? undefined : value + sums[output]));
    }
    case 'depthwise': {
      const { weight, bias } = tensors;
      const total = (channel: number) => weight.reduce((sum, value, i) => (i % bias.length === channel ? sum + value : sum), 0);
      const silent = (channel: number) => weight.every((value, i) => i % bias.length !== channel || value === 0);
      return input.map((value, channel) => {
        if (silent(channel)) return bias[channel];
        return value === undefined ? undefined : bias[channel] + value * total(channel);
      });
    }
    case 'batchNorm': {
      const { gamma, beta, mean, variance } = tensors;
      const scale = (channel: number) => gamma[channel] / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON);
      return input.map((value, channel) => (value === undefined ? undefined : beta[channel] + scale(channel) * (value - mean[channel])));
    }
    case 'relu':
      return input.map((value) => value && Math.min(layer.max ?? Infinity, Math.max(0, value)));
    case 'add':
      return input.map((_, channel) => inputs.reduce<number | undefined>((sum, each) => plus(sum, each[channel]), 0));
    case 'concat':
      return inputs.flat();
    default:
      return input;
  }
}

const plus = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? undefined : a + b);

/** For each output the sum of its weights, those of each input channel times its value. Channels are the innermost extent. */
function sumsOf(weight: Float32Array, outputs: number, values: readonly number[]): Float64Array {
  const sums = new Float64Array(outputs);
  const each = weight.length / outputs;
  weight.forEach((value, i) => {
    sums[Math.floor(i / each)] += value * values[i % values.length];
  });
  return sums;
}
