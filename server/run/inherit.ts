import { inputShapes, shapesOf } from '../network/check.ts';
import type { Network, Parameters } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import { createRandom } from '../random.ts';
import { initialParameters } from '../training/initial.ts';

export type Trained = { readonly network: Network; readonly parameters: Parameters };

/**
 * Where a child's training begins: the overlapping part of every tensor that its parent has under the same layer's name (as SpArSeMod does it), zeros of pruning
 * included; what the parent lacks is drawn. `share` is how much of all parameters was inherited.
 */
export function inherit(network: Network, parent: Trained, seed: number): { parameters: Parameters; share: number } {
  const parameters = initialParameters(network, createRandom(seed));
  const [extents, given] = [extentsOf(network), extentsOf(parent.network)];
  let [inherited, all] = [0, 0];
  for (const [key, to] of extents) {
    const [layer, tensor] = key;
    const target = parameters[layer][tensor];
    all += target.length;
    const from = given.find(([[name, part]]) => name === layer && part === tensor)?.[1];
    const source = parent.parameters[layer]?.[tensor];
    if (!from || !source || from.length !== to.length) continue;
    inherited += copyOverlap(source, from, target, to);
  }
  return { parameters, share: all === 0 ? 0 : inherited / all };
}

type Extents = readonly (readonly [key: readonly [layer: string, tensor: string], extents: readonly number[]])[];

/** Of every tensor. The weights of a dense layer over a flattened map have that map's extents, so that a pixel and channel find themselves. */
function extentsOf(network: Network): Extents {
  const shapes = shapesOf(network);
  return network.layers.flatMap((layer) =>
    Object.entries(operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes))).map(([tensor, extents]) => {
      const before = network.layers.find(({ name }) => name === layer.inputs[0]);
      if (layer.op !== 'dense' || tensor !== 'weight' || before?.op !== 'flatten') return [[layer.name, tensor], extents] as const;
      const { height, width, channels } = inputShapes(before, shapes)[0];
      return [
        [layer.name, tensor],
        [extents[0], height, width, channels],
      ] as const;
    }),
  );
}

/** Copies what lies within both extents; returns how many values that are. */
function copyOverlap(source: Float32Array, from: readonly number[], target: Float32Array, to: readonly number[]): number {
  const copy = (axis: number, at: number, into: number): number => {
    if (axis === from.length) {
      target[into] = source[at];
      return 1;
    }
    let copied = 0;
    for (let i = 0; i < Math.min(from[axis], to[axis]); i++) copied += copy(axis + 1, at * from[axis] + i, into * to[axis] + i);
    return copied;
  };
  return copy(0, 0, 0);
}
