import { decode } from '../../../server/search/decode.ts';
import { product, sequences } from '../../../server/search/enumerate.ts';
import { keyOf } from '../../../server/search/examine.ts';
import type { Architecture, Block, ConvLayer, Genotype } from '../../../server/search/genotype.ts';
import { wholeNumbers } from '../../../server/search/morphs/morph.ts';
import { defaultSpace, type Space } from '../../../server/search/space.ts';
import type { DataName } from './data.ts';

/** A space so small that all of it was trained, and how: nothing is pruned, nothing inherited. */
export type Closed = {
  readonly space: Space;
  readonly train: number;
  readonly validation: number;
  readonly epochs: number;
};

/** What the closed spaces have in common. */
const closed = (size: number, classes: number, bounds: Partial<Space>): Space => ({
  ...defaultSpace({ height: size, width: size, channels: 1 }, classes),
  poolTypes: ['max'],
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
  ...bounds,
});

export const CLOSED: { readonly [name in DataName]: Closed } = {
  /** One block of one or two convolutions over the drawn digits at half their size. */
  digits: {
    space: closed(28, 10, {
      downsample: [2, 2],
      pool: [2, 3],
      blocks: [1, 1],
      layers: [1, 2],
      ops: ['conv2d', 'separable'],
      kernel: [2, 3],
      filters: [3, 8],
    }),
    train: 1200,
    validation: 1000,
    epochs: 4,
  },
  /** One or two blocks of one convolution, with or without down-sampling. */
  mnist: {
    space: closed(28, 10, {
      downsample: [1, 2],
      pool: [2, 3],
      blocks: [1, 2],
      layers: [1, 1],
      ops: ['conv2d', 'separable'],
      kernel: [3, 3],
      filters: [3, 8],
    }),
    train: 2000,
    validation: 2000,
    epochs: 5,
  },
  /** One block of one or two convolutions, strided or not, under either head. */
  'cifar10-binary': {
    space: closed(20, 2, {
      downsample: [1, 1],
      pool: [2, 2],
      blocks: [1, 1],
      layers: [1, 2],
      ops: ['conv2d'],
      kernel: [3, 4],
      filters: [4, 7],
      stride: [1, 2],
      heads: ['globalAverage', 'flatten'],
    }),
    train: 3000,
    validation: 3000,
    epochs: 3,
  },
};

/** Every configuration of a closed space that makes a network of its own, in the order of the record. */
export function configurations(space: Space): Genotype[] {
  const layers = product(
    [space.ops, wholeNumbers(space.kernel), wholeNumbers(space.filters), wholeNumbers(space.stride)],
    (type, kernel, filters, stride): ConvLayer => ({ type, kernel, filters, stride, padding: 'same', batchNorm: false }),
  );
  const stacks = wholeNumbers(space.layers).flatMap((count) => sequences(layers, count));
  const blocks = product(
    [wholeNumbers(space.pool), stacks],
    (size, stack): Block => ({ layers: stack, residual: false, ...pool('pool', size) }),
  );
  const architectures = product(
    [wholeNumbers(space.downsample), space.heads, wholeNumbers(space.blocks).flatMap((count) => sequences(blocks, count))],
    (size, head, stack): Architecture => ({ ...pool('downsample', size), blocks: stack, branches: [], head, dense: [] }),
  );
  return architectures.map((architecture) => ({
    architecture,
    training: { learningRate: space.learningRate[0], weightDecay: space.weightDecay[0] },
    pruning: { structured: 0, unstructured: 0 },
  }));
}

export function keyIn(space: Space, genotype: Genotype): string {
  const network = decode(genotype.architecture, space.input, space.classes);
  if (typeof network === 'string') throw new Error(network);
  return keyOf(network, genotype);
}

const pool = <Key extends string>(key: Key, size: number) =>
  (size > 1 ? { [key]: { type: 'max', size } } : {}) as { [Name in Key]?: { readonly type: 'max'; readonly size: number } };
