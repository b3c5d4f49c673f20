import { INPUT, type Layer, type Network } from './network.ts';
import { once } from './once.ts';
import { operatorOf } from './operators/table.ts';
import { elements, type Shape } from './shape.ts';

/** What is wrong with a network, at the layer of that index. */
export type NetworkFault = { readonly layer: number; readonly message: string };

/** Output shapes by layer name, the input's included; the faults of layers that cannot be shaped. */
export type Shapes = ReadonlyMap<string, Shape>;

/** A layer's output may hold this many values, a network this many layers: beyond any microcontroller, and small enough to compute with. */
export const LARGEST_TENSOR = 1 << 24;
export const MOST_LAYERS = 200;

type Checked = { readonly shapes: Shapes; readonly faults: NetworkFault[] };

/**
 * Shapes every layer, in order. A layer that cannot be shaped is a fault, and what hangs on it is left out without a fault of its own.
 */
export const checkNetwork = once((network: Network): Checked => {
  const shapes = new Map<string, Shape>([[INPUT, network.input]]);
  const faults: NetworkFault[] = [];
  const seen = new Set<string>([INPUT]);
  if (network.layers.length === 0) faults.push({ layer: 0, message: 'a network needs at least one layer' });
  network.layers.slice(0, MOST_LAYERS).forEach((layer, index) => {
    const shape = shapeOf(layer, shapes, seen, network);
    if (typeof shape === 'string') faults.push({ layer: index, message: shape });
    else if (shape) shapes.set(layer.name, shape);
    seen.add(layer.name);
  });
  network.layers.slice(0, -1).forEach((layer, index) => {
    if (shapes.has(layer.name) && consumers(network, layer.name).length === 0)
      faults.push({ layer: index, message: `nothing reads ${layer.name}; only the last layer's output is the result` });
  });
  if (network.layers.length > MOST_LAYERS)
    faults.push({
      layer: MOST_LAYERS,
      message: `a network has at most ${MOST_LAYERS} layers`,
    });
  return { shapes, faults };
});

/** The shapes of a network known to be sound; a fault is a bug of the caller. */
export function shapesOf(network: Network): Shapes {
  const { shapes, faults } = checkNetwork(network);
  if (faults.length > 0) throw new Error(`unsound network, layer ${faults[0].layer}: ${faults[0].message}`);
  return shapes;
}

export const inputShapes = (layer: Layer, shapes: Shapes): Shape[] => layer.inputs.map((name) => shapes.get(name)!);

/** Parameters of the whole network, batch norm's running statistics left out (they are folded away). */
export function parameterCount(network: Network): number {
  const shapes = shapesOf(network);
  let total = 0;
  for (const layer of network.layers) {
    if (layer.op === 'batchNorm') continue;
    const tensors = operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes));
    for (const extents of Object.values(tensors)) total += extents.reduce((product, extent) => product * extent, 1);
  }
  return total;
}

export function macCount(network: Network): number {
  const shapes = shapesOf(network);
  return network.layers.reduce((sum, layer) => sum + operatorOf(layer).macs(layer as never, inputShapes(layer, shapes)), 0);
}

function shapeOf(layer: Layer, shapes: Map<string, Shape>, seen: Set<string>, network: Network): Shape | string | undefined {
  if (seen.has(layer.name)) return `two layers are named ${layer.name}`;
  const unknown = layer.inputs.find((name) => !seen.has(name));
  if (unknown !== undefined) return `no layer before this one is named ${unknown}`;
  const inputs = layer.inputs.map((name) => shapes.get(name));
  if (inputs.some((shape) => shape === undefined)) return undefined;
  const misplaced = misplacedFault(layer, network);
  if (misplaced) return misplaced;
  const shape = operatorOf(layer).shape(layer as never, inputs as Shape[]);
  if (typeof shape === 'string') return shape;
  return elements(shape) > LARGEST_TENSOR
    ? `its output would hold ${elements(shape)} values; at most ${LARGEST_TENSOR} are allowed`
    : shape;
}

/** Batch norm is folded into the layer before it, and a flattened map has no rows left: both stand only where that works. */
function misplacedFault(layer: Layer, network: Network): string | undefined {
  const producers = layer.inputs.map((name) => network.layers.find((other) => other.name === name));
  if (layer.op === 'batchNorm') {
    const before = producers[0];
    if (!before || !['conv2d', 'depthwise', 'dense'].includes(before.op)) return 'batchNorm must follow a convolution or a dense layer';
    if (consumers(network, before.name).length > 1) return `batchNorm must be the only layer that reads ${before.name}`;
  }
  if (producers.some((other) => other?.op === 'flatten') && layer.op !== 'dense')
    return `only a dense layer may follow flatten, not ${layer.op}`;
  if (layer.op === 'flatten' && network.layers[network.layers.length - 1] === layer) return 'flatten needs a dense layer after it';
  return undefined;
}

export const consumers = (network: Network, name: string): Layer[] => network.layers.filter((layer) => layer.inputs.includes(name));
