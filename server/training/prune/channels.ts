import { BATCH_NORM_EPSILON, type Layer, type Network, type Parameters } from '../../network/network.ts';
import { type Trace, traceChannels } from './trace.ts';

/**
 * Removes output channels of convolutions, and units of hidden dense layers, until `left` of each group of the network's trace stay:
 * those with the largest L2 norm of their weights, scaled by the batch norm after them (Li et al. 2017). The network gets physically
 * smaller; its outputs stay. Channels that `add` ties together go or stay together.
 */
export function removeChannels(
  network: Network,
  parameters: Parameters,
  left: readonly number[],
): { network: Network; parameters: Parameters } {
  const { trace, removed } = weakestChannels(network, parameters, left);
  return withoutChannels(network, parameters, trace, removed);
}

/** The channels that `removeChannels` removes. */
export function weakestChannels(network: Network, parameters: Parameters, left: readonly number[]): { trace: Trace; removed: Set<number> } {
  const trace = traceChannels(network);
  const importance = importances(network, parameters, trace);
  const removed = new Set<number>();
  trace.groups.forEach((group, index) => {
    const ranked = [...group].sort((a, b) => importance.get(b)! - importance.get(a)! || a - b);
    for (const channel of ranked.slice(left[index])) removed.add(channel);
  });
  return { trace, removed };
}

/** Takes channels out of the layers that make them, that carry them on, and that read them. */
export function withoutChannels(
  network: Network,
  parameters: Parameters,
  trace: Trace,
  removed: ReadonlySet<number>,
): { network: Network; parameters: Parameters } {
  const kept = (name: string): number[] => trace.channels.get(name)!.flatMap((channel, index) => (removed.has(channel) ? [] : [index]));
  const smaller: { [layer: string]: { [tensor: string]: Float32Array } } = {};
  for (const layer of network.layers) {
    const tensors = parameters[layer.name];
    if (!tensors) continue;
    const outputs = kept(layer.name);
    const vectors = () => Object.fromEntries(Object.entries(tensors).map(([tensor, values]) => [tensor, pick(values, outputs)]));
    if (layer.op === 'batchNorm') smaller[layer.name] = vectors();
    else {
      const weight = smallerWeight(layer, tensors.weight, outputs, trace.channels.get(layer.inputs[0])!.length, kept(layer.inputs[0]));
      smaller[layer.name] = { ...vectors(), weight };
    }
  }
  const layers = network.layers.map((layer): Layer => {
    if (layer.op === 'conv2d') return { ...layer, filters: kept(layer.name).length };
    if (layer.op === 'dense') return { ...layer, units: kept(layer.name).length };
    return layer;
  });
  return { network: { ...network, layers }, parameters: smaller };
}

/** Channels are the innermost extent of every weight, and output channels the outermost, but for depthwise, where both are one. */
function smallerWeight(
  layer: Layer,
  weight: Float32Array,
  outputs: readonly number[],
  channels: number,
  inputs: readonly number[],
): Float32Array {
  const perOutput = layer.op === 'depthwise' ? weight.length : weight.length / outputCount(layer);
  const columns = Array.from({ length: perOutput / channels }, (_, pixel) => inputs.map((channel) => pixel * channels + channel)).flat();
  if (layer.op === 'depthwise') return pick(weight, columns);
  return pick(
    weight,
    outputs.flatMap((output) => columns.map((column) => output * perOutput + column)),
  );
}

function outputCount(layer: Layer): number {
  if (layer.op === 'conv2d') return layer.filters;
  if (layer.op === 'dense') return layer.units;
  throw new Error(`${layer.op} has no outputs of its own`);
}

/** The L2 norm of each channel's weights over all the layers that make it. */
function importances(network: Network, parameters: Parameters, trace: Trace): Map<number, number> {
  const squares = new Map<number, number>();
  for (const layer of network.layers) {
    if (layer.op !== 'conv2d' && layer.op !== 'dense') continue;
    const { weight } = parameters[layer.name];
    const channels = trace.channels.get(layer.name)!;
    const length = weight.length / channels.length;
    const norm = network.layers.find(({ op, inputs }) => op === 'batchNorm' && inputs[0] === layer.name);
    channels.forEach((channel, output) => {
      const scale = norm ? scaleOf(parameters[norm.name], output) : 1;
      const square = weight.subarray(output * length, (output + 1) * length).reduce((sum, value) => sum + value * value, 0);
      squares.set(channel, (squares.get(channel) ?? 0) + square * scale * scale);
    });
  }
  return squares;
}

const scaleOf = ({ gamma, variance }: Parameters[string], channel: number): number =>
  gamma[channel] / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON);

const pick = (values: Float32Array, indices: readonly number[]): Float32Array => Float32Array.from(indices, (index) => values[index]);
