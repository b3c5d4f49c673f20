import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataSet, Samples } from '../../server/dataset/dataset.ts';
import { findChip } from '../../server/device/find.ts';
import { macCount, shapesOf } from '../../server/network/check.ts';
import { createRandom } from '../../server/random.ts';
import { evaluate } from '../../server/run/evaluate.ts';
import { priceBeforeTraining } from '../../server/run/price.ts';
import { decode } from '../../server/search/decode.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { defaultSpace } from '../../server/search/space.ts';
import { createEngine } from '../../server/training/wasm.ts';

const SHAPE = { height: 12, width: 12, channels: 2 };
const CLASSES = 3;

function noise(count: number, seed: number): Samples {
  const random = createRandom(seed);
  const x = Uint8Array.from({ length: count * 288 }, () => random.integer(256));
  return { shape: SHAPE, count, x, labels: Uint8Array.from({ length: count }, (_, i) => i % CLASSES) };
}

const data: DataSet = {
  name: 'noise',
  classes: ['a', 'b', 'c'],
  encoding: { zeroPoint: 128, deviation: 74 },
  train: noise(48, 1),
  validation: noise(12, 2),
  test: noise(12, 3),
};
const device = findChip('atmega328p')!;
const space = { ...defaultSpace(SHAPE, CLASSES), filters: [2, 12] as const, units: [4, 20] as const };

const engine = createEngine();

/** What a random configuration was thought to cost, and what it costs once trained and pruned. */
function prices(seed: number, unstructured: readonly [number, number]) {
  const random = createRandom(100 + seed);
  const { architecture, pruning } = randomGenotype({ ...space, structured: [0.05, 0.9], unstructured }, random);
  const network = decode(architecture, SHAPE, CLASSES);
  if (typeof network === 'string') return undefined;
  const epochs = 1 + (seed % 4);
  const recipe = {
    ...{ epochs, batch: 16, learningRate: 0.003, weightDecay: 0, schedule: 'cosine' as const },
    pruning: { ...pruning, from: 0.2, to: 0.7 },
  };
  const trained = evaluate(engine, data, device, { network, recipe, seed });
  assert.ok(!('unusable' in trained));
  const { price: after, network: left } = trained;
  const biases = [...shapesOf(left)].filter(([name]) => name !== 'input').reduce((sum, [, { channels }]) => sum + channels, 0);
  return { before: priceBeforeTraining(device, network, pruning), after, network, left, biases };
}

test('with channels pruned away the price before training is the price after it', () => {
  let smaller = 0;
  for (let seed = 0; seed < 60; seed++) {
    const each = prices(seed, [0, 0]);
    if (!each) continue;
    const { before, after, network, left, biases } = each;
    const { size: sizeBefore, wm1: wm1Before, ...exactBefore } = before;
    const { size, wm1, ...exact } = after;
    assert.deepEqual(exact, exactBefore, `seed ${seed}`);
    // Biases of units that never fired are still zero after a few steps of training, and zeros are not counted: no other parameter is missing.
    assert.ok(size <= sizeBefore && size >= sizeBefore - biases, `seed ${seed}: size ${size}, before ${sizeBefore}, ${biases} biases`);
    assert.ok(wm1 <= wm1Before && wm1 >= wm1Before - biases, `seed ${seed}: wm1 ${wm1}, before ${wm1Before}`);
    smaller += Number(macCount(left) < macCount(network));
  }
  assert.ok(smaller > 40, `${smaller} became smaller`);
});

test('with single weights pruned away too RAM and multiplications stay exact, flash, size and cycles come close', () => {
  const larger: number[] = [];
  const slower: number[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const each = prices(seed, [0.1, 0.9]);
    if (!each) continue;
    const { before, after, left, biases } = each;
    assert.deepEqual([after.ramBytes, after.macs], [before.ramBytes, before.macs], `seed ${seed}`);
    slower.push(Math.abs(after.latencyMs! / before.latencyMs! - 1));
    larger.push(Math.abs(after.flashBytes / before.flashBytes - 1));
    const most = before.size + left.layers.length;
    assert.ok(after.size <= most && after.size >= before.size - biases, `seed ${seed}: size ${after.size}, before ${before.size}`);
  }
  // Flash and cycles hang on how a layer's weights are written, and that on how many of them training takes out of which layer.
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  assert.ok(mean(larger) < 0.02, `flash ${mean(larger)} off on average`);
  assert.ok(mean(slower) < 0.1, `cycles ${mean(slower)} off on average`);
});
