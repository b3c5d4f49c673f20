import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { dominates } from '../../server/search/front.ts';
import { goesOn, rungMeasure, rungsOf, unfinishedPoint } from '../../server/search/halving.ts';
import type { Finished } from '../../server/search/trial.ts';
import { trialOf } from './trials.ts';

const at = (trial: Finished, ...accuracies: number[]): Finished => ({
  ...trial,
  measures: Object.fromEntries(accuracies.map((accuracy, rung) => [rungMeasure(rung), accuracy])),
});

test('rungs lie at a quarter and a half of the epochs, with the peers that reached them', () => {
  const trials = [
    at(trialOf({ id: 0, accuracy: 0.9, ramBytes: 500 }), 0.4, 0.7),
    at(trialOf({ id: 1, accuracy: 0.5, ramBytes: 300 }), 0.2),
    at(trialOf({ id: 2, accuracy: 0.9, ramBytes: 5000 }), 0.6, 0.8), // over the limit
    trialOf({ id: 3, accuracy: 0.9, ramBytes: 100 }), // of a run before there were rungs
  ];
  const rungs = rungsOf(8, trials, ['error', 'ram'], { ram: 1000, error: 0.01 });
  assert.deepEqual(rungs, [
    { epoch: 2, peers: [[0.6, 500], [0.8, 300]] },
    { epoch: 4, peers: [[1 - 0.7, 500]] },
  ]); // biome-ignore format: read side by side
  const epochs = (all: number) => rungsOf(all, trials, ['error'], {}).map(({ epoch }) => epoch);
  assert.deepEqual([1, 2, 3, 4, 5, 40].map(epochs), [[], [1], [2], [1, 2], [1, 3], [10, 20]]);
});

test('with few peers every trial goes on', () => {
  assert.ok(goesOn([9], { peers: Array.from({ length: 9 }, () => [1]) }));
  assert.ok(!goesOn([9], { peers: Array.from({ length: 10 }, (_, i) => [i / 10]) }));
});

test('with one objective the better half goes on', () => {
  const peers = Array.from({ length: 21 }, (_, i) => [i]);
  for (let value = 0; value < 21; value++) assert.equal(goesOn([value + 0.5], { peers }), value + 1 <= 0.5 * 21, `${value}`);
});

test('what nothing dominates goes on, and what goes on keeps going on when it gets better', () => {
  const random = createRandom(3);
  for (let round = 0; round < 200; round++) {
    const peers = Array.from({ length: 10 + random.integer(40) }, () => [random.next(), random.next(), random.next()]);
    const point = [random.next(), random.next(), random.next()];
    const alone = !peers.some((peer) => dominates(peer, point));
    const kept = goesOn(point, { peers });
    if (alone) assert.ok(kept);
    if (kept)
      assert.ok(
        goesOn(
          point.map((value) => value * 0.9),
          { peers },
        ),
      );
  }
});

test('an unfinished point is its price with the error so far', () => {
  const { price } = trialOf({ id: 0, accuracy: 1, ramBytes: 700, flashBytes: 900 });
  assert.deepEqual(unfinishedPoint(price, 0.75, ['error', 'flash', 'ram', 'latency']), [0.25, 900, 700, 0]);
});
