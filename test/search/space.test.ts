import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkNetwork } from '../../server/network/check.ts';
import { lower } from '../../server/network/stage.ts';
import { createRandom } from '../../server/random.ts';
import { decode } from '../../server/search/decode.ts';
import { outside } from '../../server/search/outside.ts';
import { integerIn, logIntegerIn, lowIntegerIn, randomGenotype } from '../../server/search/sample.ts';
import { smallest } from '../../server/search/smallest.ts';
import { defaultSpace, LARGEST, type Space, spaceOf } from '../../server/search/space.ts';
import { anySpace } from './anyspace.ts';

test('what is drawn from a space belongs to it, decodes to a sound network and survives JSON', () => {
  fc.assert(
    fc.property(anySpace, fc.integer(), (space, seed) => {
      for (const genotype of [randomGenotype(space, createRandom(seed)), smallest(space)]) {
        assert.equal(outside(genotype, space), undefined);
        const network = decode(genotype.architecture, space.input, space.classes);
        assert.ok(typeof network !== 'string', String(network));
        const { shapes, faults } = checkNetwork(network);
        assert.deepEqual(faults, []);
        assert.equal(shapes.get(network.layers.at(-1)!.name)!.channels, space.classes);
        assert.deepEqual(JSON.parse(JSON.stringify(genotype)), genotype);
        lower(network);
      }
    }),
    { numRuns: 400 },
  );
});

test('a seed draws the same genotype, another seed another one', () => {
  const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
  assert.deepEqual(randomGenotype(space, createRandom(4)), randomGenotype(space, createRandom(4)));
  assert.notDeepEqual(randomGenotype(space, createRandom(4)), randomGenotype(space, createRandom(5)));
});

test('every end of every range is drawn', () => {
  const space: Space = { ...defaultSpace({ height: 28, width: 28, channels: 3 }, 10), filters: [1, 4], branches: [0, 2] };
  const random = createRandom(1);
  const drawn = Array.from({ length: 3000 }, () => randomGenotype(space, random));
  const layers = drawn.flatMap(({ architecture }) => architecture.blocks.flatMap((block) => block.layers));
  const seen = (values: (number | string | boolean | undefined)[]) => new Set(values);
  assert.deepEqual([...seen(layers.map((layer) => layer.filters))].sort(), [1, 2, 3, 4]);
  assert.deepEqual([...seen(layers.map((layer) => layer.kernel))].sort(), [2, 3, 4, 5]);
  assert.equal(seen(layers.map((layer) => layer.type)).size, 3);
  assert.equal(seen(layers.map((layer) => layer.padding)).size, 2);
  assert.equal(seen(layers.map((layer) => layer.batchNorm)).size, 2);
  assert.equal(seen(drawn.map(({ architecture }) => architecture.downsample?.size)).size, 4);
  assert.equal(seen(drawn.map(({ architecture }) => architecture.branches.length)).size, 3);
  assert.equal(seen(drawn.map(({ architecture }) => architecture.dense.length)).size, 3);
  assert.equal(seen(drawn.map(({ architecture }) => architecture.head)).size, 2);
  assert.ok(drawn.some(({ architecture }) => architecture.blocks.some((block) => block.residual)));
});

test("a space has the user's bounds and the default's others", () => {
  const input = { height: 8, width: 8, channels: 1 };
  const { space, faults } = spaceOf({ blocks: [2, 2], ops: ['separable'], filters: undefined }, input, 2);
  assert.deepEqual(faults, []);
  assert.deepEqual(space, { ...defaultSpace(input, 2), blocks: [2, 2], ops: ['separable'] });
});

test('bounds that make no space are refused by name', () => {
  const faultsOf = (bounds: Parameters<typeof spaceOf>[0]) => spaceOf(bounds, { height: 8, width: 8, channels: 1 }, 2).faults;
  assert.deepEqual(faultsOf({ blocks: [3, 2] }), ['blocks runs from 3 to 2: the first must not be larger']);
  assert.deepEqual(faultsOf({ kernel: [1.5, 2] }), ['kernel takes whole numbers, not 1.5 and 2']);
  assert.deepEqual(faultsOf({ ops: [] }), ['ops allows nothing']);
  assert.deepEqual(faultsOf({ blocks: [1, 3], branches: [3, 3] }), ['branches: 1 blocks have room for 2, not for 3']);
  for (const [name, [low, high]] of Object.entries(LARGEST)) {
    assert.equal(faultsOf({ [name]: [low, high + 1] })[0], `${name} must lie within ${low} and ${high}, not ${low} and ${high + 1}`);
    assert.equal(faultsOf({ [name]: [Number.NaN, high] }).length, 1);
  }
});

test('the ranges of draws hold for fixed values and a rate of zero', () => {
  const space: Space = {
    ...defaultSpace({ height: 8, width: 8, channels: 1 }, 2),
    learningRate: [0.003, 0.003],
    weightDecay: [0, 0],
    structured: [0.12345, 0.12345],
  };
  const { training, pruning } = randomGenotype(space, createRandom(9));
  assert.deepEqual([training.learningRate, training.weightDecay, pruning.structured], [0.003, 0, 0.12345]);
});

test('whole numbers are drawn uniformly, each half as likely as the one before, or by their share of the logarithm', () => {
  const shares = {
    uniform: [integerIn, [1 / 4, 1 / 4, 1 / 4, 1 / 4]],
    low: [lowIntegerIn, [8 / 15, 4 / 15, 2 / 15, 1 / 15]],
    log: [logIntegerIn, [3 / 2, 4 / 3, 5 / 4, 6 / 5].map((ratio) => Math.log(ratio) / Math.log(3))],
  } as const;
  const random = createRandom(8);
  const count = 30_000;
  for (const [draw, expected] of Object.values(shares)) {
    const drawn = Array.from({ length: count }, () => draw([2, 5], random));
    expected.forEach((share, index) => {
      const seen = drawn.filter((value) => value === index + 2).length / count;
      assert.ok(Math.abs(seen - share) < 5 * Math.sqrt((share * (1 - share)) / count), `${index + 2}: ${seen} against ${share}`);
    });
  }
});
