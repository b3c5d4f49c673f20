import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../server/random.ts';
import { choose, standardError } from '../../server/search/choose.ts';
import { dominates, front, nonDominated } from '../../server/search/front.ts';
import { hypervolume } from '../../server/search/hypervolume.ts';
import { trialOf } from './trials.ts';

const grid = (size: number) => fc.array(fc.integer({ min: 0, max: 6 }), { minLength: size, maxLength: size });
const cloud = (size: number) => fc.array(grid(size), { maxLength: 20 });

test('the front is what brute force leaves', () => {
  fc.assert(
    fc.property(fc.oneof(cloud(1), cloud(2), cloud(3)), (points) => {
      const kept = nonDominated(points);
      const expected = new Set(
        points
          .filter((point) => !points.some((other) => other.every((v, i) => v <= point[i]) && other.join() !== point.join()))
          .map(String),
      );
      assert.deepEqual(new Set(kept.map((index) => points[index].join())), expected);
      assert.equal(kept.length, expected.size, 'each point once');
      for (const index of kept)
        assert.equal(
          points.findIndex((point) => point.join() === points[index].join()),
          index,
          'the first of equals',
        );
      for (const a of kept) for (const b of kept) assert.ok(!dominates(points[a], points[b]));
    }),
  );
});

test('the front of trials leaves out what failed or is over a limit', () => {
  const good = trialOf({ id: 1, accuracy: 0.9, ramBytes: 1000 });
  const smaller = trialOf({ id: 2, accuracy: 0.8, ramBytes: 500 });
  const worse = trialOf({ id: 3, accuracy: 0.8, ramBytes: 900 });
  const over = trialOf({ id: 4, accuracy: 0.99, ramBytes: 3000 });
  const failed = { ...trialOf({ id: 5, accuracy: 1, ramBytes: 1 }), status: 'failed', reason: 'diverged' } as const;
  assert.deepEqual(front([good, smaller, worse, over, failed], ['error', 'ram'], { ram: 2048 }), [good, smaller]);
  assert.deepEqual(front([good, smaller, worse, over, failed], ['error'], {}), [over]);
  assert.deepEqual(front([good, smaller], ['error', 'ram'], { error: 0.15 }), [good]);
  assert.throws(() => front([good], ['latency'], {}), /no latency/);
});

test('hypervolume is the number of unit cells dominated, on a grid', () => {
  fc.assert(
    fc.property(fc.oneof(cloud(1), cloud(2), cloud(3), cloud(4)), (points) => {
      const dimensions = points[0]?.length ?? 2;
      const reference = new Array(dimensions).fill(5);
      let cells = 0;
      for (let cell = 0; cell < 5 ** dimensions; cell++) {
        const corner = reference.map((_, axis) => Math.floor(cell / 5 ** axis) % 5);
        if (points.some((point) => point.every((value, axis) => value <= corner[axis]))) cells++;
      }
      assert.equal(hypervolume(points, reference), cells);
    }),
  );
});

test('hypervolume agrees with Monte Carlo on real coordinates', () => {
  const random = createRandom(12);
  for (const dimensions of [2, 3, 4])
    for (let round = 0; round < 6; round++) {
      const points = Array.from({ length: 1 + random.integer(15) }, () => Array.from({ length: dimensions }, () => random.uniform(0, 1.2)));
      const samples = 40_000;
      let hits = 0;
      for (let sample = 0; sample < samples; sample++) {
        const probe = Array.from({ length: dimensions }, () => random.next());
        if (points.some((point) => point.every((value, axis) => value <= probe[axis]))) hits++;
      }
      const exact = hypervolume(points, new Array(dimensions).fill(1));
      const deviation = Math.sqrt((exact * (1 - exact)) / samples);
      assert.ok(Math.abs(hits / samples - exact) <= 5 * deviation + 1e-12, `${exact} against ${hits / samples}`);
    }
});

test('hypervolume grows with each point, and only by points of the front', () => {
  fc.assert(
    fc.property(cloud(3), (points) => {
      const reference = [7, 7, 7];
      const volume = hypervolume(points, reference);
      assert.equal(
        hypervolume(
          nonDominated(points).map((index) => points[index]),
          reference,
        ),
        volume,
      );
      assert.ok(hypervolume(points.slice(1), reference) <= volume);
    }),
  );
  assert.equal(hypervolume([], [1, 1]), 0);
  assert.equal(hypervolume([[2, 0]], [1, 1]), 0);
});

test('the most accurate within the limits is chosen; within the tolerance, the one with the least RAM', () => {
  const trials = [
    trialOf({ id: 1, accuracy: 0.95, ramBytes: 1500 }),
    trialOf({ id: 2, accuracy: 0.949, ramBytes: 900, flashBytes: 5000 }),
    trialOf({ id: 3, accuracy: 0.948, ramBytes: 900, flashBytes: 4000 }),
    trialOf({ id: 4, accuracy: 0.99, ramBytes: 4000 }),
    trialOf({ id: 5, accuracy: 0.9, ramBytes: 100 }),
  ];
  const limits = { ram: 2048 };
  assert.equal(choose(trials, limits, 0)?.id, 1);
  assert.equal(choose(trials, limits, 0.0015)?.id, 2);
  assert.equal(choose(trials, limits, 0.003)?.id, 3);
  assert.equal(choose(trials, {}, 0)?.id, 4);
  assert.equal(choose(trials, { ram: 50 }, 1), undefined);
  assert.equal(choose([], limits, 0), undefined);
});

test('a limit on the error is kept where it can be, and does not leave the user with nothing', () => {
  const trials = [trialOf({ id: 1, accuracy: 0.95, ramBytes: 1500 }), trialOf({ id: 2, accuracy: 0.94, ramBytes: 900 })];
  assert.equal(choose(trials, { error: 0.055 }, 0.02)?.id, 1);
  assert.equal(choose(trials, { error: 0.01 }, 0.02)?.id, 2);
});

test('the choice does not depend on the order of trials and is on the front', () => {
  const trial = fc.record({
    accuracy: fc.integer({ min: 0, max: 10 }),
    ramBytes: fc.integer({ min: 0, max: 5 }),
    flashBytes: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(trial, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer(),
      (drawn, tolerance, seed) => {
        const trials = drawn.map((each, id) => trialOf({ ...each, accuracy: each.accuracy / 16, id }));
        const chosen = choose(trials, {}, tolerance / 16)!;
        assert.equal(choose(createRandom(seed).shuffle([...trials]), {}, tolerance / 16), chosen);
        const best = Math.max(...trials.map((each) => each.accuracy));
        assert.ok(chosen.accuracy >= best - tolerance / 16);
        assert.ok(front(trials, ['error', 'ram', 'flash'], {}).includes(chosen));
      },
    ),
  );
});

test('a standard error', () => {
  assert.equal(standardError(0.9, 100), 0.03);
  assert.equal(standardError(1, 100), 0);
});
