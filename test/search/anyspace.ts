import fc from 'fast-check';
import type { WeightBits } from '../../server/network/network.ts';
import { countOf } from '../../server/search/enumerate.ts';
import type { PruningMethod } from '../../server/search/genotype.ts';
import type { Range, Space } from '../../server/search/space.ts';

const range = (low: number, high: number): fc.Arbitrary<Range> =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);

const shares = (low: number, high: number): fc.Arbitrary<Range> =>
  range(0, 100).map(([a, b]) => [low + ((high - low) * a) / 100, low + ((high - low) * b) / 100]);

const some = <Item>(...items: Item[]): fc.Arbitrary<Item[]> => fc.subarray(items, { minLength: 1 });

const input = fc.oneof(
  fc.record({ height: fc.integer({ min: 1, max: 32 }), width: fc.integer({ min: 1, max: 32 }), channels: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ height: fc.integer({ min: 1, max: 128 }), width: fc.constant(1), channels: fc.integer({ min: 1, max: 6 }) }),
);

/** Spaces of all shapes, images and series. */
export const anySpace: fc.Arbitrary<Space> = fc
  .record(
    {
      input,
      classes: fc.integer({ min: 2, max: 20 }),
      downsample: range(1, 5),
      pool: range(1, 4),
      poolTypes: some('max', 'average'),
      blocks: range(1, 4),
      layers: range(1, 3),
      ops: some('conv2d', 'separable', 'bottleneck'),
      kernel: range(1, 7),
      filters: range(1, 40),
      stride: range(1, 3),
      padding: some('same', 'valid'),
      reduction: range(2, 5),
      batchNorm: some(false, true),
      residual: fc.boolean(),
      branches: range(0, 2),
      heads: some('globalAverage', 'flatten'),
      bits: fc.subarray<WeightBits>([8, 4, 2, 'ternary']),
      dense: range(0, 2),
      units: range(1, 60),
      learningRate: shares(1e-4, 1e-1),
      weightDecay: shares(0, 1e-2),
      structured: shares(0, 0.9),
      unstructured: shares(0, 0.9),
      methods: fc.subarray<PruningMethod>(['magnitude', 'feedback', 'variational', 'bayesian']),
    },
    { noNullPrototype: true },
  )
  .map((space) => ({ ...space, branches: [Math.min(space.branches[0], space.blocks[0] + 1), space.branches[1]] }) as Space);

/** Spaces of any kind with narrow ranges: all of each can be looked at. */
export const anySmallSpace: fc.Arbitrary<Space> = anySpace
  .map((space): Space => {
    const narrow = ([low, high]: Range, width = 1): Range => [low, Math.min(high, low + width)];
    const one = ([low]: Range): Range => [low, low];
    return {
      ...space,
      blocks: narrow(space.blocks),
      layers: narrow(space.layers),
      kernel: one(space.kernel),
      filters: narrow(space.filters),
      stride: narrow(space.stride),
      reduction: narrow(space.reduction),
      downsample: one(space.downsample),
      pool: narrow(space.pool),
      dense: narrow(space.dense),
      units: narrow(space.units),
      structured: one(space.structured),
      unstructured: one(space.unstructured),
    };
  })
  .filter((space) => countOf(space) <= 2000);
