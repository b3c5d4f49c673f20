import { shapesOf } from '../../network/check.ts';
import { INPUT, type Network } from '../../network/network.ts';

/** Where the channels of every tensor come from. */
export type Trace = {
  /** By layer (and `input`): the identity of each output channel. Tensors that carry a channel on share its identity; flatten has those of its map. */
  readonly channels: ReadonlyMap<string, readonly number[]>;
  /** The identities that may be removed, together with the others of the layer that first made them. */
  readonly groups: readonly (readonly number[])[];
};

/** Follows channels from the convolutions and dense layers that make them; `add` makes the channels that it adds one. */
export function traceChannels(network: Network): Trace {
  const shapes = shapesOf(network);
  const merged: number[] = [];
  const root = (channel: number): number => (merged[channel] === channel ? channel : root(merged[channel]));
  const fresh = (count: number): number[] => Array.from({ length: count }, () => merged.push(merged.length) - 1);
  const channels = new Map<string, readonly number[]>([[INPUT, fresh(network.input.channels)]]);
  const made: (readonly number[])[] = [];
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => channels.get(name)!);
    if (layer.op === 'conv2d' || layer.op === 'dense') {
      const own = fresh(shapes.get(layer.name)!.channels);
      made.push(own);
      channels.set(layer.name, own);
    } else if (layer.op === 'add') {
      for (const other of inputs.slice(1)) {
        other.forEach((channel, index) => {
          const [a, b] = [root(channel), root(inputs[0][index])];
          merged[Math.max(a, b)] = Math.min(a, b);
        });
      }
      channels.set(layer.name, inputs[0]);
    } else channels.set(layer.name, layer.op === 'concat' ? inputs.flat() : inputs[0]);
  }
  const rooted = new Map([...channels].map(([name, all]) => [name, all.map(root)]));
  const last = network.layers[network.layers.length - 1].name;
  const fixed = new Set([...rooted.get(INPUT)!, ...rooted.get(last)!]);
  const groups = made
    .map((own) => own.filter((channel) => root(channel) === channel && !fixed.has(channel)))
    .filter((group) => group.length > 0);
  return { channels: rooted, groups };
}
