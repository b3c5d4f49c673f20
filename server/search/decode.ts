import { checkNetwork } from '../network/check.ts';
import { INPUT, type Layer, type Network, type WeightBits } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import type { Shape } from '../network/shape.ts';
import type { Pair } from '../network/window.ts';
import type { Architecture, Block, ConvLayer, Pool } from './genotype.ts';

/**
 * The network that an architecture stands for; a string says why there is none. Layers are named by their place, so that a child finds its parent's weights by name.
 * A kernel, stride or pool larger than its map shrinks to it, and what then does nothing is left out.
 */
export function decode(architecture: Architecture, input: Shape, classes: number): Network | string {
  const draft = startDraft(input);
  const start = architecture.downsample ? putPool(draft, 'downsample', architecture.downsample, INPUT) : INPUT;
  const places = [start];
  architecture.blocks.forEach((block, index) => {
    places.push(putBlock(draft, `${index + 1}`, block, places[index]));
  });
  const branches = architecture.branches.map(({ from, units }) => {
    if (places[from] === undefined) draft.faults.push(`there is no block ${from} for a branch to read`);
    return putRelu(draft, draft.put(dense(`branch${from}`, [places[from] ?? start], units, architecture.denseBits)));
  });
  putHead(draft, architecture, places[places.length - 1], branches, classes);
  const network: Network = { input, layers: draft.layers };
  return draft.faults[0] ?? checkNetwork(network).faults[0]?.message ?? network;
}

/** A network in the making. */
type Draft = {
  readonly layers: Layer[];
  readonly faults: string[];
  readonly shapes: Map<string, Shape>;
  /** Appends a layer and returns its name. */
  put(layer: Layer): string;
};

function startDraft(input: Shape): Draft {
  const layers: Layer[] = [];
  const faults: string[] = [];
  const shapes = new Map([[INPUT, input]]);
  const put = (layer: Layer): string => {
    const inputs = layer.inputs.map((name) => shapes.get(name)!);
    const shape = operatorOf(layer).shape(layer as never, inputs);
    if (typeof shape === 'string') faults.push(shape);
    shapes.set(layer.name, typeof shape === 'string' ? inputs[0] : shape);
    layers.push(layer);
    return layer.name;
  };
  return { layers, faults, shapes, put };
}

/** Layers of the dense part, with their bits. */
const dense = (name: string, inputs: readonly string[], units: number, bits?: WeightBits): Layer => ({
  op: 'dense',
  name,
  inputs,
  units,
  ...(bits && { bits }),
});

function putBlock(draft: Draft, name: string, block: Block, from: string): string {
  if (block.residual && block.layers.length < 2) draft.faults.push('a residual bridges two layers');
  const bridged = block.residual ? block.layers.length - 2 : -1;
  let last = from;
  let bridge = from;
  block.layers.forEach((layer, index) => {
    if (index === bridged) bridge = last;
    last = putConv(draft, `conv${name}_${index + 1}`, layer, last);
    if (block.residual && index === block.layers.length - 1) last = draft.put({ op: 'add', name: `add${name}`, inputs: [last, bridge] });
    last = putRelu(draft, last);
  });
  return block.pool ? putPool(draft, `pool${name}`, block.pool, last) : last;
}

/** The layers of one gene but for its last ReLU. */
function putConv(draft: Draft, name: string, layer: ConvLayer, from: string): string {
  const bits = layer.bits && { bits: layer.bits };
  const normed = (last: string) => (layer.batchNorm ? draft.put({ op: 'batchNorm', name: `${last}_norm`, inputs: [last] }) : last);
  const pointwise = (name: string, map: string, filters: number) =>
    normed(draft.put({ op: 'conv2d', name, inputs: [map], filters, kernel: [1, 1], stride: [1, 1], padding: 'valid', ...bits }));
  const windowed = (map: string) => ({
    inputs: [map],
    kernel: shrunk(layer.kernel, draft.shapes.get(map)!),
    stride: shrunk(layer.stride, draft.shapes.get(map)!),
    padding: layer.padding,
    ...bits,
  });
  switch (layer.type) {
    case 'conv2d':
      return normed(draft.put({ op: 'conv2d', name, filters: layer.filters, ...windowed(from) }));
    case 'separable': {
      const depthwise = normed(draft.put({ op: 'depthwise', name: `${name}_depthwise`, ...windowed(from) }));
      return pointwise(name, putRelu(draft, depthwise), layer.filters);
    }
    case 'bottleneck': {
      const { channels } = draft.shapes.get(from)!;
      const left = Math.ceil(channels / (layer.reduction ?? 1));
      const map = left < channels ? putRelu(draft, pointwise(`${name}_reduce`, from, left)) : from;
      return normed(draft.put({ op: 'conv2d', name, filters: layer.filters, ...windowed(map) }));
    }
  }
}

/**
 * The vector, the hidden dense layers, the logits. `concat` joins only channels of maps, so where the trunk is flattened its join with the branches is written
 * as what it is: a dense layer over a joined vector is the sum of dense layers over its parts.
 */
function putHead(
  draft: Draft,
  { head, dense: hidden, denseBits }: Architecture,
  trunk: string,
  branches: readonly string[],
  classes: number,
): void {
  const pooled = head === 'globalAverage';
  const vector = pooled
    ? draft.put({ op: 'globalAveragePool', name: 'average', inputs: [trunk] })
    : draft.put({ op: 'flatten', name: 'flat', inputs: [trunk] });
  let parts = [vector, ...branches];
  if (pooled && branches.length > 0) parts = [draft.put({ op: 'concat', name: 'joined', inputs: parts })];
  hidden.forEach((units, index) => {
    parts = [putRelu(draft, putDense(draft, `dense${index + 1}`, parts, units, denseBits))];
  });
  putDense(draft, 'logits', parts, classes, denseBits);
}

function putDense(draft: Draft, name: string, parts: readonly string[], units: number, bits?: WeightBits): string {
  if (parts.length === 1) return draft.put(dense(name, parts, units, bits));
  const sums = parts.map((part) => draft.put(dense(`${name}_${part}`, [part], units, bits)));
  return draft.put({ op: 'add', name, inputs: sums });
}

const putRelu = (draft: Draft, from: string): string => draft.put({ op: 'relu', name: `${from}_relu`, inputs: [from] });

function putPool(draft: Draft, name: string, pool: Pool, from: string): string {
  const kernel = shrunk(pool.size, draft.shapes.get(from)!);
  if (kernel[0] === 1 && kernel[1] === 1) return from;
  return draft.put({ op: pool.type === 'max' ? 'maxPool' : 'averagePool', name, inputs: [from], kernel, stride: kernel, padding: 'valid' });
}

const shrunk = (size: number, map: Shape): Pair => [Math.min(size, map.height), Math.min(size, map.width)];
