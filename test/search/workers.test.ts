import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { rateOf } from '../bench/search/workers.ts';

/** Trials of these lengths, taken in order by whoever is free; each worker is slow at its first. */
function spansOf(lengths: readonly number[], workers: number, slowness: number) {
  const free = new Array(workers).fill(0);
  const spans = lengths.map((length, id) => {
    const worker = free.indexOf(Math.min(...free));
    const from = free[worker];
    const until = from + length * slowness * (id < workers ? 3 : 1);
    free[worker] = until;
    return { id, from, until };
  });
  return spans.sort((a, b) => a.until - b.until);
}

test('what the bench tells of workers is what was put in, whatever the lengths of trials and the start', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = createRandom(seed);
    const lengths = Array.from({ length: 14 }, (_, id) => 0.2 + (id < 2 ? 1 : 5) * random.next() ** 3);
    const work = new Map(lengths.entries());
    const slowness = 1 + random.next();
    const gained = rateOf(spansOf(lengths, 2, slowness), 2, work) / rateOf(spansOf(lengths, 1, 1), 1, work);
    assert.ok(Math.abs(gained - 2 / slowness) < 1e-9, `seed ${seed}: ${gained}, not ${2 / slowness}`);
  }
});
