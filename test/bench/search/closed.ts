import { decode } from '../../../server/search/decode.ts';
import { keyOf } from '../../../server/search/examine.ts';
import type { ConvLayer, Genotype } from '../../../server/search/genotype.ts';
import { defaultSpace, type Range, type Space } from '../../../server/search/space.ts';

/** A space so small that all of it was trained: one block of one or two convolutions over the digits at half their size. Nothing is pruned. */
export const closedSpace: Space = {
  ...defaultSpace({ height: 28, width: 28, channels: 1 }, 10),
  downsample: [2, 2],
  pool: [2, 3],
  poolTypes: ['max'],
  blocks: [1, 1],
  layers: [1, 2],
  ops: ['conv2d', 'separable'],
  kernel: [2, 3],
  filters: [3, 8],
  stride: [1, 1],
  padding: ['same'],
  batchNorm: [false],
  residual: false,
  branches: [0, 0],
  heads: ['flatten'],
  dense: [0, 0],
  learningRate: [0.01, 0.01],
  weightDecay: [1e-4, 1e-4],
  structured: [0, 0],
  unstructured: [0, 0],
};

/** Every configuration of it, in the order of the record. */
export function configurations(space: Space = closedSpace): Genotype[] {
  const layers = space.ops.flatMap((type) =>
    wholes(space.kernel).flatMap((kernel) =>
      wholes(space.filters).map((filters): ConvLayer => ({ type, kernel, filters, stride: 1, padding: 'same', batchNorm: false })),
    ),
  );
  const stacks = [...layers.map((layer) => [layer]), ...layers.flatMap((first) => layers.map((second) => [first, second]))];
  return wholes(space.pool).flatMap((size) => stacks.map((stack) => configuration(space, size, stack)));
}

export function keyIn(space: Space, genotype: Genotype): string {
  const network = decode(genotype.architecture, space.input, space.classes);
  if (typeof network === 'string') throw new Error(network);
  return keyOf(network, genotype);
}

const configuration = (space: Space, pool: number, layers: ConvLayer[]): Genotype => ({
  architecture: {
    downsample: { type: 'max', size: 2 },
    blocks: [{ layers, residual: false, pool: { type: 'max', size: pool } }],
    branches: [],
    head: 'flatten',
    dense: [],
  },
  training: { learningRate: space.learningRate[0], weightDecay: space.weightDecay[0] },
  pruning: { structured: 0, unstructured: 0 },
});

const wholes = ([low, high]: Range): number[] => Array.from({ length: high - low + 1 }, (_, i) => low + i);
