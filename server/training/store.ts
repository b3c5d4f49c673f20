import { inputShapes, parameterCount, shapesOf } from '../network/check.ts';
import type { Layer, Network, Parameters } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import type { Arena } from './arena.ts';
import { type Command, command } from './encode.ts';
import type { Packing, Slot } from './operators/operator.ts';
import { trainingOperatorOf } from './operators/table.ts';

/** A parameter tensor's place: its values are floats from `first` on, packed or in order. */
type Place = { readonly layer: string; readonly tensor: string; readonly kind: Kind; readonly first: number; readonly packing: Packing };
/** Weights decay; biases and batch norm's gamma and beta do not; moments are followed, not learned. */
type Kind = 'weight' | 'offset' | 'moment';

/** The parameters in the arena: values, gradients and Adam's moments are arrays of the same order, weights first. */
export type Store = {
  readonly places: readonly Place[];
  /** Floats in each array. */
  readonly size: number;
  readonly values: number;
  readonly gradients: number;
  /** The optimiser's moments: of Adam two, of SGD the velocity alone. */
  readonly first: number;
  readonly second: number;
  /** Floats of weights, which come first, and of all that is learned. */
  readonly weights: number;
  readonly learned: number;
  /** i32, all bits set where a value may differ from zero. */
  readonly keep: number;
  slots(layer: string): { [tensor: string]: Slot };
  /** Sums the gradients up, and with them takes a step. */
  reduce(): Command;
  step(kind: 'adam' | 'sgd', settings: number): Command[];
};

/** Values, gradients, two moments, the mask, and four lanes of sums. */
const ARRAYS = 9;

export function placeParameters(arena: Arena, network: Network): Store {
  arena.check(ARRAYS * 4 * parameterCount(network));
  const { places, size, weights } = arrange(network);
  const array = (lanes = 1) => arena.allocate(4 * lanes * size);
  const [values, gradients, first, second] = [array(), array(), array(), array()];
  const keep = arena.place(new Int32Array(size).fill(-1));
  const sums = array(4);
  const step = (kind: 'adam' | 'sgd', settings: number, begin: number, count: number, decays: number) => {
    const at = (region: number) => region + 4 * begin;
    const fields = { weights: at(values), gradient: at(gradients), keep: at(keep), settings, count, decays };
    return kind === 'adam'
      ? command('adam', { ...fields, mean: at(first), variance: at(second) })
      : command('momentum', { ...fields, velocity: at(first) });
  };
  const learned = places.filter(({ kind }) => kind !== 'moment').reduce((end, place) => Math.max(end, place.first + padded(place)), 0);
  return {
    ...{ places, size, values, gradients, first, second, keep, weights, learned },
    slots: (layer) =>
      Object.fromEntries(
        places
          .filter((place) => place.layer === layer)
          .map(({ tensor, first }) => [tensor, { at: values + 4 * first, sums: sums + 16 * first }]),
      ),
    reduce: () => command('reduce', { gradient: gradients, sums, count: learned }),
    step: (kind, settings) => [step(kind, settings, 0, weights, 1), step(kind, settings, weights, learned - weights, 0)],
  };
}

/** A copy of the parameters, out of an array of the store's order; of a shorter array, of those that it holds. */
export function unpack(store: Store, array: Float32Array): Parameters {
  const parameters: { [layer: string]: { [tensor: string]: Float32Array } } = {};
  for (const { layer, tensor, first, packing } of store.places) {
    if (first + packing.size > array.length) continue;
    parameters[layer] ??= {};
    parameters[layer][tensor] = Float32Array.from(packing.index, (index) => array[first + index]);
  }
  return parameters;
}

/** Writes the parameters into an array of the store's order; layers that are missing are left as they are. */
export function pack(store: Store, parameters: Parameters, array: Float32Array): void {
  for (const { layer, tensor, first, packing } of store.places) {
    const values = parameters[layer]?.[tensor];
    if (!values || first + packing.size > array.length) continue;
    if (values.length !== packing.index.length)
      throw new Error(`${layer}.${tensor} has ${values.length} values; the network needs ${packing.index.length}`);
    values.forEach((value, i) => {
      array[first + packing.index[i]] = value;
    });
  }
}

/** Forbids the weights that are zero to change. */
export function keepNonZero(store: Store, values: Float32Array, keep: Int32Array): void {
  for (const { kind, first, packing } of store.places) {
    if (kind === 'weight') for (const index of packing.index) if (values[first + index] === 0) keep[first + index] = 0;
  }
}

function arrange(network: Network): { places: Place[]; size: number; weights: number } {
  const shapes = shapesOf(network);
  const places: Place[] = [];
  let size = 0;
  let weights = 0;
  for (const kind of ['weight', 'offset', 'moment'] as const) {
    for (const layer of network.layers) {
      const tensors = operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes));
      for (const [tensor, extents] of Object.entries(tensors)) {
        if (kindOf(tensor) !== kind) continue;
        const place = { layer: layer.name, tensor, kind, first: size, packing: packingOf(layer, tensor, extents) };
        places.push(place);
        size += padded(place);
      }
    }
    if (kind === 'weight') weights = size;
  }
  return { places, size, weights };
}

const kindOf = (tensor: string): Kind =>
  tensor === 'weight' ? 'weight' : tensor === 'mean' || tensor === 'variance' ? 'moment' : 'offset';

const padded = ({ packing }: Pick<Place, 'packing'>): number => Math.ceil(packing.size / 16) * 16;

function packingOf(layer: Layer, tensor: string, extents: readonly number[]): Packing {
  const pack = tensor === 'weight' ? trainingOperatorOf({ layer, inputs: layer.inputs }).pack : undefined;
  if (pack) return pack(extents);
  const size = extents.reduce((product, extent) => product * extent, 1);
  return { size, index: Int32Array.from({ length: size }, (_, i) => i) };
}
