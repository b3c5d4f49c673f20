import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place, Task } from '../../server/machine/machine.ts';
import { type Way, wayToNext, wayToWindow } from '../../server/machine/way.ts';
import { createRandom, type Random } from '../../server/random.ts';

const mod = (value: number, by: number): number => ((value % by) + by) % by;

/** Where a way leads, as a core goes it; counters that are not there count for nothing. */
function followed({ from, counters, ring }: Way, values: ReadonlyMap<string, number>): number {
  let at = from + (ring?.past ?? 0);
  for (const [name, bytes] of counters) at += (values.get(name) ?? 0) * bytes;
  for (let i = 0; i < (ring?.rounds ?? 0); i++) if (at >= from) at -= ring!.bytes;
  return at;
}

/** A tensor that is kept whole, as its newest pixel, or in a ring. */
function drawn(random: Random): Place {
  const [height, width] = [1 + random.integer(9), 1 + random.integer(9)];
  const pixels = height * width;
  const depth = [1, pixels, 1 + random.integer(pixels)][random.integer(3)];
  const range = { zeroPoint: 0, unsigned: true, least: 0, most: 255 } as const;
  return { name: 'in', offset: random.integer(300), depth, height, width, channels: 1 + random.integer(5), bytes: 1, ...range };
}

test('the next pixel goes behind the newest, around the ring', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = createRandom(seed);
    const place = drawn(random);
    const { offset, depth, width, height, channels } = place;
    const pixel = random.integer(height * width);
    const values = new Map([
      ['at_in', pixel % depth],
      ['y_in', Math.floor(pixel / width)],
      ['x_in', pixel % width],
    ]);
    assert.equal(followed(wayToNext(place), values), offset + (pixel % depth) * channels, `seed ${seed}`);
  }
});

test("a window's first tap is found in a ring that holds it, where it lies beyond the border too", () => {
  let beyond = 0;
  let around = 0;
  for (let seed = 0; seed < 6000; seed++) {
    const random = createRandom(10_000 + seed);
    const input = drawn(random);
    const { offset, depth, width, height, channels } = input;
    if (depth === 1 && height * width > 1) continue;
    const [strideY, strideX, padTop, padLeft] = [1 + random.integer(3), 1 + random.integer(3), random.integer(3), random.integer(3)];
    const [y, x] = [random.integer(height), random.integer(width)];
    const first = (y * strideY - padTop) * width + x * strideX - padLeft;
    const made = 1 + random.integer(height * width);
    // Of pixels that come, the last so many are in the ring; those before the first are none.
    const isRing = depth < height * width;
    if (first >= made || (isRing && first < made - depth && made > depth)) continue;
    const values = new Map([
      ['at_in', made % depth],
      ['y_in', Math.floor(made / width)],
      ['x_in', made % width],
      ['y_out', y],
      ['x_out', x],
    ]);
    const task = { stage: { window: { strideY, strideX, padTop, padLeft } }, output: { name: 'out' } } as Task;
    const expected = isRing ? mod(first, depth) : first;
    assert.equal(followed(wayToWindow(input, task), values), offset + expected * channels, `seed ${seed}`);
    if (first < 0) beyond++;
    if (isRing && made > depth) around++;
  }
  assert.ok(beyond > 300 && around > 100, `${beyond} beyond the border, ${around} around the ring`);
});
