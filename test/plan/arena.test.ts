import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Block, mostAlive, pack } from '../../server/plan/arena.ts';
import { createRandom } from '../../server/random.ts';

/** The fewest bytes by trying every offset of every block. */
function bruteForce(blocks: readonly Block[], limit: number): number {
  let best = limit;
  const offsets: number[] = [];
  const clash = (a: Block, at: number, b: Block, bt: number) =>
    a.some((x) => b.some((y) => x.from <= y.until && y.from <= x.until && at < bt + y.bytes && bt < at + x.bytes));
  const place = (index: number, height: number) => {
    if (height >= best) return;
    if (index === blocks.length) {
      best = height;
      return;
    }
    for (let offset = 0; offset < best; offset++) {
      if (blocks.slice(0, index).some((other, i) => clash(blocks[index], offset, other, offsets[i]))) continue;
      offsets[index] = offset;
      place(index + 1, Math.max(height, ...blocks[index].map((each) => offset + each.bytes)));
    }
  };
  place(0, 0);
  return best;
}

const randomBlocks = (seed: number): Block[] => {
  const random = createRandom(seed);
  return Array.from({ length: 2 + random.integer(4) }, () => {
    const from = random.integer(5);
    const first = { bytes: 1 + random.integer(6), from, until: from + random.integer(3) };
    if (random.integer(3)) return [first];
    return [first, { bytes: 1 + random.integer(first.bytes), from: first.until + 0.5, until: first.until + random.integer(3) }];
  });
};

test('packs as tightly as brute force, and nothing overlaps', () => {
  for (let seed = 0; seed < 150; seed++) {
    const blocks = randomBlocks(seed);
    const { offsets, bytes } = pack(blocks);
    assert.equal(bytes, bruteForce(blocks, bytes + 1), `seed ${seed}: ${JSON.stringify(blocks)}`);
    assert.ok(bytes >= mostAlive(blocks));
    const cells = new Map<string, number>();
    blocks.forEach((block, index) => {
      for (const { bytes: size, from, until } of block)
        for (let phase = Math.ceil(from * 2); phase <= until * 2; phase++)
          for (let at = offsets[index]; at < offsets[index] + size; at++) {
            const owner = cells.get(`${phase},${at}`);
            assert.ok(owner === undefined || owner === index, `seed ${seed}: two blocks at byte ${at}`);
            cells.set(`${phase},${at}`, index);
          }
    });
  }
});

test('a chain of tensors takes no more than its widest step', () => {
  const blocks: Block[] = [10, 6, 9, 5, 8, 2, 7, 3, 1].map((bytes, i) => [{ bytes, from: i, until: i + 1 }]);
  assert.equal(pack(blocks).bytes, 16);
});

test('no blocks take no bytes', () => assert.deepEqual(pack([]), { offsets: [], bytes: 0 }));
