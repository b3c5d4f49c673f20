import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataSet, Samples } from '../../server/dataset/dataset.ts';
import { checkNetwork } from '../../server/network/check.ts';
import { createRandom } from '../../server/random.ts';
import { lossFor } from '../../server/training/target.ts';
import { teach, widened } from '../../server/training/teacher.ts';
import { type TrainingRecipe, train } from '../../server/training/train.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { CLASSES, encoding, network, randomNetwork, wholeNetworks } from './networks.ts';

const engine = createEngine({ variant: 'simd' });
const SHAPE = { height: 6, width: 6, channels: 1 };

/** Each class is bright in rows of its own. */
function stripes(count: number, seed: number): Samples {
  const random = createRandom(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
  const x = Uint8Array.from(
    { length: count * 36 },
    (_, i) => 60 + random.integer(80) + (Math.floor((i % 36) / 12) === labels[Math.floor(i / 36)] ? 90 : 0),
  );
  return { shape: SHAPE, count, x, labels };
}

const data: DataSet = {
  ...{ name: 'stripes', classes: ['a', 'b', 'c'], encoding },
  ...{ train: stripes(96, 1), validation: stripes(48, 2), test: stripes(48, 3) },
};
const layers = network([6, 6, 1], { op: 'conv2d', filters: 3 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: CLASSES });
const recipe: TrainingRecipe = {
  ...{ epochs: 6, batch: 16, learningRate: 0.01, weightDecay: 0, schedule: 'constant' },
  distillation: { temperature: 3, share: 1, width: 3 },
  pruning: { structured: 0, unstructured: 0, from: 0, to: 1 },
};

test('a wider network is sound, gives as many classes, and has more of all else', () => {
  for (const each of [...Object.values(wholeNetworks), ...Array.from({ length: 40 }, (_, seed) => randomNetwork(seed))]) {
    const wide = widened(each, 2);
    const { shapes, faults } = checkNetwork(wide);
    assert.deepEqual(faults, []);
    const last = each.layers[each.layers.length - 1].name;
    assert.deepEqual(shapes.get(last), checkNetwork(each).shapes.get(last));
  }
  assert.equal((widened(layers, 3).layers[0] as { filters: number }).filters, 9);
});

test('a sum with the input keeps a network as wide as it is', () => {
  const residual = network(
    [6, 6, 2],
    { op: 'conv2d', filters: 2, name: 'c' },
    { op: 'add', inputs: ['input', 'c'] },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  );
  assert.equal(widened(residual, 2), residual);
});

test('a network learns from nothing but its teacher', () => {
  const teacher = teach(engine, { network: layers, data, recipe, seed: 5 });
  assert.equal(teacher.length, data.train.count * CLASSES);
  const answers = Array.from({ length: data.train.count }, (_, i) => {
    const row = teacher.subarray(i * CLASSES, (i + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  });
  const right = answers.filter((answer, i) => answer === data.train.labels[i]).length;
  assert.ok(right > 90, `the teacher is right on ${right} of 96`);
  // The labels say something else: with share 1 only the teacher counts.
  const misled: DataSet = { ...data, train: { ...data.train, labels: data.train.labels.map((label) => (label + 1) % CLASSES) } };
  const { validation } = train(engine, { network: layers, data: misled, recipe, seed: 5, teacher });
  assert.ok(validation.accuracy > 0.9, `${validation.accuracy}`);
});

test('the weights of classes: by name, 1 where none is given; balanced, so that all classes count the same', () => {
  const uneven: DataSet = { ...data, train: { ...data.train, labels: data.train.labels.map((_, i) => (i < 48 ? 0 : i < 80 ? 1 : 2)) } };
  const weights = (classWeights: 'balanced' | { [name: string]: number }) =>
    lossFor({ ...recipe, distillation: undefined, loss: { classWeights } }, uneven)!.classWeights!;
  assert.deepEqual(weights({ b: 4 }), [1, 4, 1]);
  assert.deepEqual(
    weights('balanced').map((weight, label) => weight * [48, 32, 16][label]),
    [32, 32, 32],
  );
  assert.equal(lossFor({ ...recipe, distillation: undefined }, data), undefined);
  // A recipe with a teacher, before there is one.
  assert.equal(lossFor(recipe, data), undefined);
});
