import * as z from 'zod';
import { bounds, distinct, real, whole } from './bounds.ts';
import { duration } from './quantity.ts';
import { weightBits } from './quantization.ts';

export const STRATEGIES = ['sparse', 'evolution', 'random'] as const;

const range = (least: number, most: number, description: string) =>
  bounds(whole(least, most))
    .optional()
    .meta({ title: `a whole number from ${least} to ${most}, or a range [low, high]`, description });

const rate = (least: number, most: number, description: string) =>
  bounds(real(least, most))
    .optional()
    .meta({ title: `a number from ${least} to ${most}, or a range [low, high]`, description });

const choice = <const Values extends readonly [string, ...string[]]>(values: Values, description: string) =>
  distinct(z.enum(values))
    .optional()
    .meta({ title: `a list of ${values.join(', ')}`, description });

export const space = z
  .strictObject({
    downsample: range(1, 16, 'Window of the pooling on the input; 1 is none.'),
    blocks: range(1, 6, 'Number of blocks of convolutions.'),
    layers: range(1, 6, 'Convolutions in a block.'),
    ops: choice(
      ['conv2d', 'separable', 'bottleneck'],
      'Kinds of convolution to try: `conv2d`; `separable`, a depthwise and a 1x1 convolution; `bottleneck`, a 1x1 convolution that reduces the channels, then a convolution.',
    ),
    filters: range(1, 1024, 'Output channels of a convolution.'),
    kernel: range(1, 64, 'Kernel size of a convolution.'),
    stride: range(1, 16, 'Stride of a convolution.'),
    padding: choice(['same', 'valid'], 'Padding of a convolution.'),
    reduction: range(2, 64, 'By how much a `bottleneck` reduces the channels.'),
    batchNorm: z
      .union([z.boolean().transform((value) => [value]), z.array(z.boolean()).min(1).max(2)])
      .optional()
      .meta({
        title: 'true, false or [true, false]',
        description: 'Normalisation behind convolutions: always, never, or both to try. Costs nothing on the chip.',
      }),
    pool: range(1, 16, 'Window of the pooling behind a block; 1 is none.'),
    poolTypes: choice(['max', 'average'], 'Kinds of pooling to try.'),
    residual: z.boolean().optional().meta({ description: 'May two convolutions of a block be bridged by an addition?' }),
    branches: range(0, 6, 'Dense layers beside the trunk that read the input or a block.'),
    heads: choice(['globalAverage', 'flatten'], 'How the last map becomes values for the dense layers.'),
    bits: distinct(weightBits).optional().meta({
      title: 'a list of 8, 4, 2, ternary',
      description: 'Bits of weights to try, layer by layer. Left out, what `training.quantization.weights` says.',
    }),
    dense: range(0, 4, 'Hidden dense layers before the last one.'),
    units: range(1, 4096, 'Outputs of a hidden dense layer or of a branch.'),
    learningRate: rate(1e-6, 1, 'Learning rates to try, in place of that of `training`.'),
    weightDecay: rate(0, 1, 'Weight decays to try, in place of that of `training`.'),
  })
  .prefault({})
  .meta({ description: 'Bounds of the networks to try. What is left out has bounds that suit small chips.' });

export const search = z
  .strictObject({
    strategy: z.enum(STRATEGIES).default('sparse').meta({
      description:
        '`sparse` learns from earlier candidates what to try next (a Gaussian process, after SpArSe), and lets children inherit weights; `evolution` changes good ones step by step; `random` draws every candidate anew.',
    }),
    trials: whole(1, 100_000).default(120).meta({ description: 'Number of candidates to train.' }),
    time: duration.optional().meta({ description: 'The search ends after this time, though trials are left.' }),
    workers: whole(1, 256).optional().meta({ description: 'Candidates trained at once. Left out, one per processor core.' }),
    seed: whole(0, 2 ** 32 - 1)
      .default(1)
      .meta({ description: 'Seeds every random choice: the same seed makes the same choices.' }),
    halving: z.boolean().default(true).meta({
      description: 'May a training that falls behind the others be stopped at a quarter or half of its epochs?',
    }),
    inheritance: z.boolean().optional().meta({
      description: 'Does a changed candidate begin with the weights of the one it was changed from? Left out, with `sparse` alone.',
    }),
    space,
  })
  .transform(({ time, ...rest }) => ({ ...rest, timeSeconds: time }))
  .prefault({})
  .meta({ description: 'How long and where to search.' });

const sparsity = (description: string) =>
  bounds(real(0, 0.99)).prefault(0).meta({ title: 'a number from 0 to 0.99, or a range [low, high]', description });

export const PRUNING_METHODS = ['magnitude', 'feedback', 'variational', 'bayesian'] as const;

/** Of these it is for the samples to say how much goes; the others go by the shares that are asked for. */
const DECIDING: ReadonlySet<string> = new Set(['variational', 'bayesian']);

export const pruning = z
  .strictObject({
    method: z
      .union([z.enum(PRUNING_METHODS).transform((one) => [one]), distinct(z.enum(PRUNING_METHODS))])
      .prefault('magnitude')
      .meta({
        title: `one of ${PRUNING_METHODS.join(', ')}, or a list of those to try`,
        description:
          '`magnitude` removes the smallest, a few at a time; `feedback` masks weights and channels, and lets those that grow come back; `variational` learns how noisy each weight may be and removes the noise (sparse variational dropout); `bayesian` does so for whole channels and inputs (Bayesian compression). Of a list the search tries each.',
      }),
    structured: sparsity('Share of whole channels to remove: one number, or a range to search. Left out, none.'),
    unstructured: sparsity('Share of single weights to remove: one number, or a range to search. Left out, none.'),
    during: bounds(real(0, 1)).prefault([0.2, 0.7]).meta({
      title: 'a range [begin, end] of numbers from 0 to 1',
      description: 'When, as parts of the epochs: pruning begins once the network has learnt something, and leaves it time to recover.',
    }),
  })
  .superRefine(({ method, structured, unstructured }, context) => {
    if (structured[1] > 0 || unstructured[1] > 0 || method.every((each) => DECIDING.has(each) || each === 'magnitude')) return;
    const message = `${method.join(', ')} removes nothing unless structured or unstructured says how much`;
    context.addIssue({ code: 'custom', path: ['method'], message, params: { problem: 'training' } });
  })
  .prefault({ structured: [0, 0.5], unstructured: [0, 0.8] })
  .meta({
    description: 'How much of a trained network to remove. Left out, 0 to 0.5 of the channels and 0 to 0.8 of the weights are tried.',
  });
