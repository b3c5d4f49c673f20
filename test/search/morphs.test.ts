import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../server/random.ts';
import { decode } from '../../server/search/decode.ts';
import type { Genotype } from '../../server/search/genotype.ts';
import {
  ARCHITECTURE_MORPHS,
  applyMorph,
  MORPHS,
  type MorphName,
  morph,
  PRUNING_MORPHS,
  TRAINING_MORPHS,
} from '../../server/search/morphs/table.ts';
import { CHANNEL_STEP, WEIGHT_STEP } from '../../server/search/morphs/training.ts';
import { outside } from '../../server/search/outside.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { defaultSpace, type Space } from '../../server/search/space.ts';
import { anySpace } from './anyspace.ts';

const space: Space = {
  ...defaultSpace({ height: 28, width: 28, channels: 1 }, 10),
  branches: [0, 2],
  bits: [8, 4, 'ternary'],
  methods: ['magnitude', 'variational'],
};

test('every morph stays in the space and decodes', () => {
  fc.assert(
    fc.property(anySpace, fc.integer(), (space, seed) => {
      const random = createRandom(seed);
      let genotype = randomGenotype(space, random);
      for (let step = 0; step < 12; step++) {
        for (const name of MORPHS) {
          const child = applyMorph(name, genotype, space, random);
          if (!child) continue;
          assert.equal(outside(child, space), undefined, name);
          const network = decode(child.architecture, space.input, space.classes);
          assert.ok(typeof network !== 'string', `${name}: ${network}`);
        }
        genotype = morph(genotype, space, random)?.genotype ?? genotype;
      }
    }),
    { numRuns: 150 },
  );
});

test('every morph occurs, changes something, and leaves its argument alone', () => {
  const random = createRandom(7);
  const seen = new Map<MorphName, number>();
  let genotype = randomGenotype(space, random);
  for (let step = 0; step < 4000; step++) {
    const before = JSON.stringify(genotype);
    const morphed = morph(genotype, space, random);
    assert.ok(morphed);
    assert.equal(JSON.stringify(genotype), before);
    assert.notDeepEqual(morphed.genotype, genotype);
    seen.set(morphed.morph, (seen.get(morphed.morph) ?? 0) + 1);
    genotype = morphed.genotype;
  }
  assert.deepEqual([...seen.keys()].sort(), [...MORPHS].sort());
  assert.ok(Math.min(...seen.values()) > 4000 / MORPHS.length / 10, JSON.stringify([...seen]));
});

test('each group of morphs changes its own genes only', () => {
  const random = createRandom(3);
  const unchanged: [readonly MorphName[], (keyof Genotype)[]][] = [
    [PRUNING_MORPHS, ['architecture', 'training']],
    [TRAINING_MORPHS, ['architecture', 'pruning']],
    [ARCHITECTURE_MORPHS, ['pruning', 'training']],
  ];
  for (const [names, parts] of unchanged)
    for (let draw = 0; draw < 300; draw++) {
      const genotype = randomGenotype(space, random);
      const child = morph(genotype, space, random, names)?.genotype ?? genotype;
      for (const part of parts) assert.deepEqual(child[part], genotype[part]);
    }
});

/** What one morph does, the other can undo in one step. */
const inverses: [MorphName, MorphName][] = [
  ['addLayer', 'removeLayer'],
  ['addBlock', 'removeBlock'],
  ['addDense', 'removeDense'],
  ['addBranch', 'removeBranch'],
  ['changeType', 'changeType'],
  ['changeReduction', 'changeReduction'],
  ['changeKernel', 'changeKernel'],
  ['changeFilters', 'changeFilters'],
  ['changeStride', 'changeStride'],
  ['changePadding', 'changePadding'],
  ['changeBatchNorm', 'changeBatchNorm'],
  ['changePool', 'changePool'],
  ['changeDownsample', 'changeDownsample'],
  ['changeHead', 'changeHead'],
  ['changeWidth', 'changeWidth'],
  ['changeMethod', 'changeMethod'],
];

for (const [forth, back] of inverses)
  test(`${back} undoes ${forth}`, () => {
    const simple: Space = { ...space, residual: false, filters: [1, 12], units: [10, 20], reduction: [2, 3] };
    const random = createRandom(11);
    for (let draw = 0; draw < 20; draw++) {
      const genotype = randomGenotype(simple, random);
      const child = applyMorph(forth, genotype, simple, random);
      if (!child) continue;
      const undone = Array.from({ length: 2000 }, () => applyMorph(back, child, simple, random)).some((other) => isSame(other, genotype));
      assert.ok(undone, JSON.stringify([genotype, child]));
    }
  });

test('a space is connected: morphs lead from anywhere to anywhere in a small one', () => {
  const tiny: Space = {
    ...defaultSpace({ height: 8, width: 8, channels: 2 }, 2),
    downsample: [1, 2],
    pool: [1, 2],
    poolTypes: ['max'],
    blocks: [1, 1],
    layers: [1, 2],
    ops: ['conv2d', 'bottleneck'],
    kernel: [2, 3],
    filters: [1, 2],
    stride: [1, 1],
    padding: ['same'],
    reduction: [2, 2],
    batchNorm: [false],
    branches: [0, 0],
    heads: ['flatten'],
    dense: [0, 0],
    learningRate: [0.01, 0.01],
    weightDecay: [0, 0],
    structured: [0, 0],
    unstructured: [0, 0],
  };
  // One layer: 2 types, 2 kernels, 2 filters. Two layers: 8 times 8 without a residual; with one, the last layer's filters are the input's 2: 8 times 4.
  const expected = (8 + 64 + 32) * 2 * 2;
  const random = createRandom(2);
  const start = randomGenotype(tiny, random);
  const seen = new Map([[canonical(start), start]]);
  for (const genotype of seen.values())
    for (let attempt = 0; attempt < 150; attempt++) {
      const next = morph(genotype, tiny, random)?.genotype;
      if (next) seen.set(canonical(next), next);
    }
  assert.equal(seen.size, expected);
});

test('shares of pruning move by normal steps', () => {
  const random = createRandom(5);
  const wide: Space = { ...space, structured: [0, 0.99], unstructured: [0.01, 0.6] };
  const genotype = { ...randomGenotype(wide, random), pruning: { structured: 0.5, unstructured: 0.3 } };
  const deviation = (name: 'changeStructured' | 'changeUnstructured', of: 'structured' | 'unstructured') => {
    const steps = Array.from(
      { length: 4000 },
      () => (applyMorph(name, genotype, wide, random) ?? genotype).pruning[of] - genotype.pruning[of],
    );
    return Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length);
  };
  assert.ok(Math.abs(deviation('changeStructured', 'structured') / CHANNEL_STEP - 1) < 0.06);
  assert.ok(Math.abs(deviation('changeUnstructured', 'unstructured') / WEIGHT_STEP - 1) < 0.06);
});

test('single weights are pruned by a share that is of use, or by the least', () => {
  const random = createRandom(6);
  for (const [range, useful] of [
    [
      [0, 0.8],
      [0.6, 0.8],
    ],
    [
      [0.1, 0.95],
      [0.6, 0.95],
    ],
    [
      [0.7, 0.8],
      [0.7, 0.8],
    ],
    [
      [0, 0.5],
      [0, 0.5],
    ],
    [
      [0, 0],
      [0, 0],
    ],
  ] as const) {
    const of: Space = { ...space, unstructured: range };
    let genotype = randomGenotype(of, random);
    const seen = { least: 0, useful: 0 };
    for (let step = 0; step < 400; step++) {
      const { unstructured } = genotype.pruning;
      assert.ok(unstructured === range[0] || (unstructured >= useful[0] && unstructured <= useful[1]), `${unstructured}`);
      seen[unstructured === range[0] ? 'least' : 'useful']++;
      genotype = step % 2 === 0 ? randomGenotype(of, random) : (applyMorph('changeUnstructured', genotype, of, random) ?? genotype);
    }
    if (useful[0] > range[0]) assert.ok(seen.least > 200 && seen.useful > 60, JSON.stringify(seen));
  }
});

function isSame(a: Genotype | undefined, b: Genotype): boolean {
  return a !== undefined && canonical(a) === canonical(b);
}

/** JSON with sorted keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  );
