import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from '../../server/avr/count.ts';
import { MNEMONICS, type Operand, rowOf } from '../../server/avr/instruction.ts';
import { listed } from '../../server/avr/listing.ts';
import type { Item, Program } from '../../server/avr/program.ts';
import { sizeOf } from '../../server/avr/relax.ts';
import { createRandom } from '../../server/random.ts';

/** Random code whose branches and jumps go near and far, some of it framed by what it uses. */
function write(p: Program, seed: number, count: number): void {
  const random = createRandom(seed);
  const labels = Array.from({ length: 1 + Math.floor(count / 8) }, (_, i) => `P${i}`);
  const places = labels.map(() => random.integer(count));
  const one = (at: number) => {
    for (const [i, place] of places.entries()) if (place === at) p.label(labels[i]);
    if (random.integer(50) === 0) p.table(random.integer(9), () => []);
    const mnemonic = MNEMONICS[random.integer(MNEMONICS.length)];
    if (mnemonic === 'rcall') return;
    const operands = rowOf(mnemonic).fields.map(({ letter, bits, first, step }): Operand => {
      if (letter === 'k' || letter === 'a') return labels[random.integer(labels.length)];
      return first + step * random.integer(2 ** bits.length);
    });
    p.times(random.integer(20), () => {
      if (random.integer(2)) p.op(mnemonic, ...operands);
      else p.branch(mnemonic, random.next(), ...operands);
    });
  };
  const some = (from: number, until: number) => {
    for (let at = from; at < until; at++) one(at);
  };
  const [first, second] = [Math.floor(count / 3), Math.floor(count / 2)];
  p.renamed(new Map([[16, 21]]), () => some(0, first));
  p.ahead(
    () => some(first, second),
    (used) => {
      for (const register of used) p.op('push', register);
    },
  );
  some(second, count);
}

/** By the items themselves, once they are written. */
function costOf(items: readonly Item[]): { bytes: number; cycles: number } {
  const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
  const cycles = items.reduce((sum, item) => ('mnemonic' in item ? sum + item.times * rowOf(item.mnemonic).cycles + item.taken : sum), 0);
  return { bytes, cycles };
}

test('code that is only counted takes as much as the same code written out, near and far', () => {
  for (let seed = 0; seed < 200; seed++) {
    const count = seed < 190 ? 10 * seed : 5000;
    const cost = counted((p) => write(p, seed, count));
    const expected = costOf(listed((p) => write(p, seed, count)));
    assert.equal(cost.bytes, expected.bytes, `seed ${seed}`);
    assert.ok(Math.abs(cost.cycles - expected.cycles) <= 1e-9 * expected.cycles, `seed ${seed}: ${cost.cycles}, not ${expected.cycles}`);
  }
});
