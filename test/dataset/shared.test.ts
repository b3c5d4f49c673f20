import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { loadDataSet } from '../../server/dataset/load.ts';
import { probeDataSet } from '../../server/dataset/probe.ts';
import { source } from './files.ts';

const FOLDER = '../shared/data';

/** Counts, shapes and classes as the folder's own README gives them. */
const SETS = [
  { name: 'mnist', train: 60000, test: 10000, shape: [28, 28, 1], classes: 10 },
  { name: 'chars4k', train: 4397, test: 1886, shape: [20, 20, 1], classes: 62 },
  { name: 'fsdd-logmel', train: 2700, test: 300, shape: [32, 32, 1], classes: 10 },
  { name: 'kth-tips', train: 2440, test: 800, shape: [64, 64, 1], classes: 10 },
];

const sourceOf = (name: string) => {
  const files = (split: string) => ({
    samples: `${FOLDER}/${name}/${split}-images-idx3-ubyte.gz`,
    labels: `${FOLDER}/${name}/${split}-labels-idx1-ubyte.gz`,
  });
  return source({ name, format: 'idx', train: files('train'), test: files('t10k'), validationShare: 0.1 });
};

for (const { name, train, test: tested, shape, classes } of SETS)
  test(`${name} is read as it is described`, async (t) => {
    if (!existsSync(`${FOLDER}/${name}`)) return t.skip(`${FOLDER}/${name} is not there`);
    const [height, width, channels] = shape;
    const { probe } = await probeDataSet(sourceOf(name));
    assert.deepEqual(probe, {
      shape: { height, width, channels },
      classes: Array.from({ length: classes }, (_, i) => String(i)),
      trainCount: train,
      testCount: tested,
    });
    const { data, faults } = await loadDataSet(sourceOf(name));
    assert.deepEqual(faults, []);
    assert.equal(data!.validation.count, Math.round(train / 10));
    assert.equal(data!.train.count, train - data!.validation.count);
    assert.equal(data!.test.count, tested);
    assert.equal(data!.test.x.length, tested * height * width * channels);
  });

test('MNIST has its known histogram, shared out in proportion', async (t) => {
  if (!existsSync(`${FOLDER}/mnist`)) return t.skip(`${FOLDER}/mnist is not there`);
  const { data } = await loadDataSet(sourceOf('mnist'));
  const histogram = (labels: Uint8Array) =>
    Array.from({ length: 10 }, (_, digit) => labels.reduce((sum, label) => sum + Number(label === digit), 0));
  const [train, validation] = [histogram(data!.train.labels), histogram(data!.validation.labels)];
  const all = train.map((count, digit) => count + validation[digit]);
  assert.deepEqual(all, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  assert.deepEqual(histogram(data!.test.labels), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  validation.forEach((count, digit) => {
    assert.ok(Math.abs(count - all[digit] / 10) < 1);
  });
  // published mean and deviation of the 60,000 images: 0.1307 and 0.3081 of 255
  assert.equal(data!.encoding.zeroPoint, 33);
  assert.ok(Math.abs(data!.encoding.deviation / 255 - 0.3081) < 0.001);
});
