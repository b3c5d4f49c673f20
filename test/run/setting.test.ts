import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataSet } from '../../server/dataset/dataset.ts';
import { createRandom } from '../../server/random.ts';
import { evaluate } from '../../server/run/evaluate.ts';
import { finalRecipeOf, recipeOf, searchOptions } from '../../server/run/setting.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import type { Spec } from '../../server/spec/spec.ts';
import { createEngine } from '../../server/training/wasm.ts';

const genotype = { training: { learningRate: 0.02, weightDecay: 0.01 }, pruning: { structured: 0.1, unstructured: 0.2 } };

function specWith(...lines: string[]): Spec {
  const text = ['name: shapes', 'data: { train: { samples: images/ }, shape: [6, 6, 1] }', 'target: { chip: atmega328p }', ...lines].join(
    '\n',
  );
  const { spec, problems } = parseSpec(text);
  assert.deepEqual(problems, []);
  return spec!;
}

test('what is left out leaves training as the engine does it by itself', () => {
  assert.deepEqual(recipeOf(specWith('training: { epochs: 10 }'), { genotype: genotype as never }), {
    epochs: 10,
    batch: 64,
    schedule: 'cosine',
    augmentation: { shift: 0 },
    optimiser: { kind: 'adam' },
    learningRate: 0.02,
    weightDecay: 0.01,
    warmup: 0.5,
    pruning: { structured: 0.1, unstructured: 0.2, from: 0.2, to: 0.7 },
  });
});

test('all that the engine can do can be said, in the units of the spec', () => {
  const spec = specWith(
    'training:',
    '  epochs: 10',
    '  finalEpochs: 30',
    '  optimiser: sgd',
    '  learningRate: 0.1',
    '  momentum: 0.8',
    '  weightDecay: 0.001',
    '  schedule: oneCycle',
    '  warmup: 2',
    '  clipNorm: 2',
    '  weightAverage: 0.99',
    '  dropout: 0.25',
    '  loss: meanSquare',
    '  labelSmoothing: 0.1',
    '  classWeights: { cat: 3 }',
    '  augmentation: { shift: 2, rotate: 90, scale: 10 %, flip: true, cutout: 25 %, noise: 2 %, mixup: 0.4 }',
    'pruning: { method: variational, during: [0.1, 0.5] }',
  );
  const recipe = recipeOf(spec, { genotype: genotype as never });
  assert.deepEqual(recipe.optimiser, { kind: 'sgd', momentum: 0.8, clip: 2, average: 0.99 });
  assert.deepEqual(recipe.loss, { kind: 'meanSquare', smoothing: 0.1, classWeights: { cat: 3 } });
  const augmentation = { shift: 2, rotate: Math.PI / 2, scale: 0.1, flip: true, cutout: 0.25, noise: 0.02 * 255, mixup: 0.4 };
  assert.deepEqual(recipe.augmentation, augmentation);
  assert.deepEqual(recipe.pruning, { method: 'variational', structured: 0.1, unstructured: 0.2, from: 0.1, to: 0.5 });
  assert.deepEqual([recipe.schedule, recipe.warmup, recipe.dropout, recipe.distillation], ['oneCycle', 2, 0.25, undefined]);
  assert.equal(finalRecipeOf(spec, { genotype: genotype as never })!.epochs, 20);
});

test('of several methods of pruning each is tried, and one alone is no gene', () => {
  const data = { classes: ['cat', 'dog'], train: { shape: { height: 8, width: 8, channels: 1 } } } as never;
  const listed = specWith('pruning: { method: [variational, feedback], unstructured: 0.7 }');
  const { space } = searchOptions(listed, data).options;
  assert.deepEqual(space.methods, ['variational', 'feedback']);
  const pruning = { structured: 0, unstructured: 0.7, method: 'feedback' } as const;
  assert.equal(recipeOf(listed, { genotype: { ...genotype, pruning } as never }).pruning.method, 'feedback');
  assert.equal(recipeOf(listed, {}).pruning.method, 'variational');
  assert.deepEqual(searchOptions(specWith('pruning: { method: feedback, unstructured: 0.7 }'), data).options.space.methods, []);
});

test('a candidate has a teacher in its final epochs, a network written by hand from the beginning', () => {
  const training = 'training: { epochs: 10, finalEpochs: 30, distillation: { share: 30 %, width: 3 } }';
  const distillation = { share: 0.3, temperature: 4, width: 3 };
  assert.equal(recipeOf(specWith(training), { genotype: genotype as never }).distillation, undefined);
  assert.deepEqual(finalRecipeOf(specWith(training), { genotype: genotype as never })!.distillation, distillation);
  assert.deepEqual(recipeOf(specWith('network: [flatten, { dense: 2 }]', training), {}).distillation, distillation);
});

test('adam has no weight decay, sgd a momentum where none is given', () => {
  assert.equal(recipeOf(specWith('training: { optimiser: adam }'), {}).weightDecay, 0);
  assert.deepEqual(recipeOf(specWith('training: { optimiser: sgd }'), {}).optimiser, { kind: 'sgd', momentum: 0.9 });
});

test('weights of classes that the data does not have are told before the search', () => {
  const shape = { height: 6, width: 6, channels: 1 };
  const data = { classes: ['cat', 'dog'], train: { shape } } as unknown as DataSet;
  assert.deepEqual(searchOptions(specWith('training: { classWeights: { dog: 2, tree: 1 } }'), data).faults, [
    'classWeights names no class "tree"; there are cat, dog',
  ]);
});

test('a network of the search is priced once', () => {
  const spec = specWith('network: [flatten, { dense: 2 }]');
  const data = { classes: ['cat', 'dog'], train: { shape: spec.network!.input } } as unknown as DataSet;
  const { price } = searchOptions(spec, data).options;
  const half = { structured: 0, unstructured: 0.5 };
  assert.equal(price(spec.network!, half), price({ ...spec.network!, layers: [...spec.network!.layers] }, { ...half }));
  assert.notEqual(price(spec.network!, half).size, price(spec.network!, { ...half, unstructured: 0 }).size);
});

test('fewer bits are trained as quantised from the beginning, and carried by the network', () => {
  const lines = ['network: [{ conv2d: { filters: 2, kernel: 3, bits: ternary } }, flatten, { dense: 2 }]'];
  const spec = specWith(...lines, 'training: { quantization: { weights: 4, activations: 4, powerOfTwo: true, learnedStep: true } }');
  assert.deepEqual(
    spec.network!.layers.map((layer) => ('bits' in layer ? layer.bits : undefined)),
    ['ternary', undefined, 4],
  );
  assert.deepEqual(spec.network!.arithmetic, { activationBits: 4, powerOfTwo: true });
  assert.deepEqual(recipeOf(spec, { network: spec.network }).quantization, { from: 0, learnedStep: true });
  // 8 bits throughout: only the final epochs.
  const plain = specWith('training: { epochs: 2, finalEpochs: 4, quantization: { learnedStep: true } }');
  const network = { input: spec.network!.input, layers: spec.network!.layers.slice(1, 2) };
  assert.equal(recipeOf(plain, { network }).quantization, undefined);
  assert.deepEqual(finalRecipeOf(plain, {})!.quantization, { from: 0.4, learnedStep: true });
  assert.deepEqual(recipeOf(specWith('training: { quantization: { from: 0.5 } }'), {}).quantization, { from: 0.5 });
});

test('a recipe with everything in it trains', () => {
  const spec = specWith(
    'network: [{ conv2d: { filters: 4, kernel: 3, dilation: 2 } }, { relu: { max: 6 } }, flatten, { dense: 2 }]',
    'training:',
    '  { epochs: 3, batch: 16, optimiser: sgd, clipNorm: 1, weightAverage: 0.9, dropout: 0.2, labelSmoothing: 0.1, classWeights: balanced,',
    '    distillation: {}, quantization: { weights: 4, from: 0.7 },',
    '    augmentation: { shift: 1, rotate: 10, scale: 10 %, flip: true, cutout: 20 %, noise: 1 % } }',
    'pruning: { unstructured: 0.3, method: feedback }',
  );
  const shape = { height: 6, width: 6, channels: 1 };
  const random = createRandom(3);
  const samples = (count: number) => ({
    ...{ shape, count, labels: Uint8Array.from({ length: count }, (_, i) => i % 2) },
    x: Uint8Array.from({ length: count * 36 }, () => random.integer(256)),
  });
  const data: DataSet = {
    ...{ name: 'noise', classes: ['cat', 'dog'], encoding: { zeroPoint: 128, deviation: 70 } },
    ...{ train: samples(64), validation: samples(32), test: samples(32) },
  };
  const evaluated = evaluate(createEngine({ variant: 'simd' }), data, spec.target.device, {
    network: spec.network!,
    recipe: recipeOf(spec, {}),
    seed: 1,
  });
  assert.ok('accuracy' in evaluated && evaluated.epochs === 3);
});
