import { z } from 'zod';
import { bounds, distinct, real, whole } from './bounds.ts';
import { duration } from './quantity.ts';

export const STRATEGIES = ['evolution', 'random'] as const;
export const CELLS = ['conv2d', 'separable', 'bottleneck'] as const;

const range = (least: number, most: number, standard: readonly [number, number], description: string) =>
  bounds(whole(least, most))
    .prefault([...standard])
    .meta({ title: `a whole number from ${least} to ${most}, or a range [low, high]`, description });

export const space = z
  .strictObject({
    downsample: range(1, 8, [1, 2], 'Pooling of the input before the first layer; 1 is none.'),
    blocks: range(1, 6, [1, 3], 'Number of blocks of convolutions.'),
    layers: range(1, 5, [1, 2], 'Convolutions in a block.'),
    ops: distinct(z.enum(CELLS))
      .prefault([...CELLS])
      .meta({
        description:
          'Kinds of convolution to try: `conv2d`; `separable`, a depthwise and a 1x1 convolution; `bottleneck`, a 1x1 convolution that reduces the channels, then a convolution.',
      }),
    filters: range(1, 256, [2, 24], 'Output channels of a convolution.'),
    kernel: range(1, 11, [1, 5], 'Kernel size of a convolution.'),
    stride: range(1, 4, [1, 2], 'Stride of a convolution.'),
    pool: range(1, 4, [1, 2], 'Max pooling behind a block; 1 is none.'),
    dense: range(0, 3, [0, 1], 'Hidden dense layers before the last one.'),
    units: range(1, 1024, [8, 64], 'Outputs of a hidden dense layer.'),
  })
  .prefault({})
  .meta({ description: 'Bounds of the networks to try.' });

export const search = z
  .strictObject({
    strategy: z.enum(STRATEGIES).default('evolution').meta({
      description: '`evolution` changes good candidates step by step; `random` draws every candidate anew.',
    }),
    trials: whole(1, 100_000).default(60).meta({ description: 'Number of candidates to train.' }),
    time: duration.optional().meta({ description: 'The search ends after this time, though trials are left.' }),
    workers: whole(1, 256).optional().meta({ description: 'Candidates trained at once. Left out, one per processor core.' }),
    seed: whole(0, 2 ** 32 - 1)
      .default(1)
      .meta({ description: 'Seeds every random choice: the same seed makes the same choices.' }),
    space,
  })
  .transform(({ time, ...rest }) => ({ ...rest, timeSeconds: time }))
  .prefault({})
  .meta({ description: 'How long and where to search.' });

const sparsity = (description: string) =>
  bounds(real(0, 0.99)).prefault(0).meta({ title: 'a number from 0 to 0.99, or a range [low, high]', description });

export const pruning = z
  .strictObject({
    structured: sparsity('Share of whole channels to remove: one number, or a range to search.'),
    unstructured: sparsity('Share of single weights to remove: one number, or a range to search.'),
  })
  .prefault({ structured: [0, 0.5], unstructured: [0, 0.8] })
  .meta({ description: 'How much of a trained network to remove. Left out, both are searched.' });
