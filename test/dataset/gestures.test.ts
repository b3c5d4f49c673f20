import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drawGesture, GESTURE_STEPS, GESTURES } from '../../server/dataset/gestures/draw.ts';
import { generateGestures, gesturesArchive } from '../../server/dataset/gestures/generate.ts';
import { loadDataSet } from '../../server/dataset/load.ts';
import { createRandom } from '../../server/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparse-gestures-'));
after(() => rmSync(folder, { recursive: true }));

test('the archive is read as series of three axes, as many of each gesture', async () => {
  await generateGestures(folder, { train: 200, test: 100, seed: 3 });
  const path = join(folder, 'gestures.npz');
  const source = { train: { samples: path }, test: { samples: path }, validationShare: 0.1, testShare: 0, normalise: 'standard' } as const;
  const { data, faults } = await loadDataSet({ name: 'gestures', format: 'npy', seed: 1, ...source });
  assert.deepEqual(faults, []);
  assert.deepEqual(data!.train.shape, { height: GESTURE_STEPS, width: 1, channels: 3 });
  assert.deepEqual([data!.train.count, data!.validation.count, data!.test.count], [180, 20, 100]);
  for (let label = 0; label < GESTURES.length; label++) assert.equal(data!.test.labels.filter((each) => each === label).length, 20);
  assert.equal(data!.encoding.channels!.offset.length, 3);
});

test('the same choice gives the same bytes, another seed others', () => {
  const digest = (seed: number) =>
    createHash('sha256')
      .update(gesturesArchive({ train: 20, test: 10, seed }))
      .digest('hex');
  assert.equal(digest(1), digest(1));
  assert.notEqual(digest(1), digest(2));
});

test('at rest a hand feels gravity and its own tremor; shaking is felt', () => {
  const random = createRandom(5);
  for (let i = 0; i < 50; i++) {
    const rest = drawGesture(random, 'rest');
    const sizes = Array.from({ length: GESTURE_STEPS }, (_, step) => Math.hypot(...rest.subarray(3 * step, 3 * step + 3)));
    assert.ok(Math.abs(mean(sizes) - 9.81) < 1 && deviation(sizes) < 1, `${mean(sizes)} ${deviation(sizes)}`);
    assert.ok(liveliest(rest) < 1.5 && liveliest(drawGesture(random, 'shake')) > 2.5);
  }
});

/** The largest standard deviation of an axis. */
const liveliest = (recording: Float32Array): number =>
  Math.max(...[0, 1, 2].map((axis) => deviation(Array.from({ length: GESTURE_STEPS }, (_, step) => recording[3 * step + axis]))));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
