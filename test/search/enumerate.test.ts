import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../server/random.ts';
import { decode } from '../../server/search/decode.ts';
import { countOf, everyGenotype } from '../../server/search/enumerate.ts';
import { keyOf } from '../../server/search/examine.ts';
import type { Genotype } from '../../server/search/genotype.ts';
import { outside } from '../../server/search/outside.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { defaultSpace, type Space } from '../../server/search/space.ts';
import { createStrategy, isExhausted, type StrategyName } from '../../server/search/strategy.ts';
import { anySmallSpace } from './anyspace.ts';
import { cost } from './cost.ts';

const keysOf = (space: Space, genotypes: readonly Genotype[]): Set<string> =>
  new Set(
    genotypes.map((genotype) => {
      const network = decode(genotype.architecture, space.input, space.classes);
      if (typeof network === 'string') throw new Error(network);
      return keyOf(network, genotype);
    }),
  );

test('what a small space is enumerated as is all that is drawn from it, and belongs to it', () => {
  fc.assert(
    fc.property(anySmallSpace, fc.integer(), (space, seed) => {
      const all = everyGenotype(space)!;
      assert.equal(all.length, countOf(space));
      for (const genotype of all) assert.equal(outside(genotype, space), undefined);
      const random = createRandom(seed);
      const known = keysOf(space, all);
      const drawn = Array.from({ length: 200 }, () => randomGenotype(space, random));
      for (const key of keysOf(space, drawn)) assert.ok(known.has(key), key);
    }),
    { numRuns: 60 },
  );
});

test('a space of a few networks is drawn as it is enumerated', () => {
  const all = keysOf(few, everyGenotype(few)!);
  const random = createRandom(1);
  const drawn = Array.from({ length: 3000 }, () => randomGenotype(few, random));
  assert.deepEqual(keysOf(few, drawn), all);
});

test('large spaces, and shares to choose from, are not enumerated', () => {
  const large = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
  assert.ok(countOf(large) > 1e9);
  assert.equal(everyGenotype(large), undefined);
  assert.equal(everyGenotype({ ...few, structured: [0, 0.5] }), undefined);
});

for (const name of ['random', 'evolution', 'sparse'] satisfies StrategyName[])
  test(`${name} proposes every network of a small space that fits, and says so`, () => {
    const objectives = ['error', 'ram'] as const;
    const prices = everyGenotype(few)!.map((each) => cost(decode(each.architecture, few.input, few.classes) as never, each.pruning));
    const ram = prices.map(({ ramBytes }) => ramBytes).sort((a, b) => a - b)[Math.floor(prices.length / 2)];
    const fitting = everyGenotype(few)!.filter((_, i) => prices[i].ramBytes <= ram);
    const strategy = createStrategy(name, { space: few, price: cost, objectives, limits: { ram }, seed: 3 });
    const proposed: Genotype[] = [];
    for (;;) {
      const answer = strategy.ask();
      if (isExhausted(answer)) {
        assert.equal(answer.complete, true);
        break;
      }
      proposed.push(answer.genotype!);
      const { refused: _, duplicates: __, ...proposal } = answer;
      strategy.tell({ ...proposal, status: 'finished', accuracy: 0.5 + (answer.id % 7) / 20, durationMs: 1 });
    }
    assert.deepEqual(keysOf(few, proposed), keysOf(few, fitting));
    assert.equal(proposed.length, keysOf(few, fitting).size, 'none twice');
  });

const few: Space = {
  ...defaultSpace({ height: 12, width: 12, channels: 1 }, 3),
  ...{
    downsample: [1, 1],
    pool: [1, 2],
    poolTypes: ['max'],
    blocks: [1, 1],
    layers: [1, 2],
    ops: ['conv2d'],
    kernel: [3, 3],
    filters: [2, 3],
  },
  ...{ stride: [1, 1], padding: ['same'], batchNorm: [false], residual: true, branches: [0, 1], heads: ['globalAverage'], dense: [0, 0] },
  ...{ units: [2, 2], structured: [0, 0], unstructured: [0, 0] },
};
