import { inputShapes, shapesOf } from '../network/check.ts';
import type { Network, Parameters } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import type { Random } from '../random.ts';
import { initialParameters } from './initial.ts';

/**
 * The parameters with which a network begins that was made from another: of every tensor of the same layer name, the part that both
 * extents have in common; the rest is initialised. Zeros of pruned weights are inherited like any other weight.
 */
export function inheritParameters(network: Network, parent: { network: Network; parameters: Parameters }, random: Random): Parameters {
  const inherited = initialParameters(network, random);
  const [extents, parents] = [extentsOf(network), extentsOf(parent.network)];
  for (const [layer, tensors] of Object.entries(inherited)) {
    for (const [tensor, values] of Object.entries(tensors)) {
      const from = parent.parameters[layer]?.[tensor];
      const old = parents.get(layer)?.[tensor];
      const own = extents.get(layer)![tensor];
      if (from && old?.length === own.length) copyOverlap(from, old, values, own);
    }
  }
  return inherited;
}

function copyOverlap(from: Float32Array, old: readonly number[], to: Float32Array, own: readonly number[]): void {
  for (let i = 0; i < to.length; i++) {
    let [rest, at, stride, inside] = [i, 0, 1, true];
    for (let axis = own.length - 1; axis >= 0; axis--) {
      const index = rest % own[axis];
      rest = Math.floor(rest / own[axis]);
      inside &&= index < old[axis];
      at += index * stride;
      stride *= old[axis];
    }
    if (inside) to[i] = from[at];
  }
}

function extentsOf(network: Network): Map<string, { [tensor: string]: readonly number[] }> {
  const shapes = shapesOf(network);
  return new Map(network.layers.map((layer) => [layer.name, operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes))]));
}
