import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gainOver } from '../../server/search/gain.ts';
import { hypervolume } from '../../server/search/hypervolume.ts';

/** Coarse, so that equal errors and costs occur; a little beyond the reference. */
const coordinate = fc.integer({ min: 0, max: 12 }).map((twelfths) => twelfths / 10);

test('the gain is the difference of two hypervolumes, with one, two or three costs and with none', () => {
  const place = (costs: number) => fc.record({ error: coordinate, costs: fc.array(coordinate, { minLength: costs, maxLength: costs }) });
  const any = fc.integer({ min: 0, max: 3 }).chain((costs) => fc.tuple(fc.array(place(costs), { maxLength: 8 }), place(costs)));
  fc.assert(
    fc.property(any, ([front, { error, costs }]) => {
      const ones = new Array(costs.length + 1).fill(1);
      const points = front.map((each) => [each.error, ...each.costs]);
      const expected = hypervolume([...points, [error, ...costs]], ones) - hypervolume(points, ones);
      const gained = gainOver(front, costs)(error);
      assert.ok(Math.abs(gained - expected) < 1e-9, `${gained} is not ${expected}`);
    }),
    { numRuns: 3000 },
  );
});

test('a smaller error never gains less', () => {
  const front = [
    { error: 0.3, costs: [0.5, 0.5] },
    { error: 0.6, costs: [0.2, 0.7] },
  ];
  const gain = gainOver(front, [0.4, 0.6]);
  for (let error = 0; error < 1; error += 0.05) assert.ok(gain(error) >= gain(error + 0.05));
});
