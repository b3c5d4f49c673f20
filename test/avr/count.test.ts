import { test } from 'node:test';
import { counted } from '../../server/avr/count.ts';
import { MNEMONICS, type Mnemonic, type Operand, rowOf } from '../../server/avr/instruction.ts';
import { listed } from '../../server/avr/listing.ts';
import type { Item, Program } from '../../server/avr/program.ts';
import { sizeOf } from '../../server/avr/relax.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { assertCost, type Draw, randomCode } from '../support/code.ts';

const drawn =
  (random: Random): Draw<Mnemonic, Operand> =>
  (target) => {
    const mnemonic = MNEMONICS[random.integer(MNEMONICS.length)];
    if (mnemonic === 'rcall') return undefined;
    const operands = rowOf(mnemonic).fields.map(({ letter, bits, first, step }): Operand => {
      if (letter === 'k' || letter === 'a') return target();
      return first + step * random.integer(2 ** bits.length);
    });
    return [mnemonic, ...operands];
  };

/** Random code, some of it with other registers and some framed by what it uses. */
function write(p: Program, seed: number, count: number): void {
  const random = createRandom(seed);
  const some = randomCode(p, random, count, drawn(random));
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
    const written = costOf(listed((p) => write(p, seed, count)));
    assertCost(
      counted((p) => write(p, seed, count)),
      written,
      `seed ${seed}`,
    );
  }
});
