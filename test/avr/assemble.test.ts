import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../server/avr/assemble.ts';
import { encode, MNEMONICS, type Operand, rowOf } from '../../server/avr/instruction.ts';
import { type Item, Program } from '../../server/avr/program.ts';
import { relax } from '../../server/avr/relax.ts';
import { assembly } from '../../server/avr/text.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { findProgram } from '../../server/verify/tool.ts';
import { assembledBy, assertEncoded } from '../support/assembler.ts';

const skip = findProgram('avr-as') ? false : 'avr-as is not on the PATH';

/** Random instructions, tables and labels; targets lie anywhere. */
function randomItems(random: Random, count: number): Item[] {
  const program = new Program();
  const labels = Array.from({ length: 1 + Math.floor(count / 8) }, (_, i) => `P${i}`);
  const some = () => labels[random.integer(labels.length)];
  const places = new Map(labels.map((label) => [label, random.integer(count)]));
  for (let i = 0; i < count; i++) {
    for (const [label, at] of places) if (at === i) program.label(label);
    if (random.integer(60) === 0) {
      const bytes = Array.from({ length: 1 + random.integer(9) }, () => random.integer(256));
      program.items.push({ size: bytes.length, bytes: () => bytes });
    }
    const mnemonic = MNEMONICS[random.integer(MNEMONICS.length)];
    if (mnemonic === 'rcall') continue; // not relaxed: kernels call only what is near
    const operands = rowOf(mnemonic).fields.map(({ letter, bits, first, step }): Operand => {
      if (letter === 'k' || letter === 'a') return some();
      if (letter === 'K' && bits.length === 8 && random.integer(4) === 0)
        return { label: some(), byte: random.integer(2) as 0 | 1, offset: random.integer(100) };
      return first + step * random.integer(2 ** bits.length);
    });
    program.op(mnemonic, ...operands);
  }
  return program.items;
}

const TOOLS = { prefix: 'avr', as: ['-mmcu=atmega328p'], ld: ['-m', 'avr5', '--no-relax'] };

test('machine code is that of avr-as, byte for byte, on random instructions, near and far', { skip }, () => {
  for (let seed = 0; seed < 12; seed++) {
    const items = relax(randomItems(createRandom(seed), seed < 10 ? 40 * (seed + 1) : 6000));
    assert.deepEqual(Buffer.from(assemble(items)), assembledBy(TOOLS, assembly(items, 'x')), `seed ${seed}`);
  }
});

test('machine code is what avr-as once made of every instruction', () => {
  assertEncoded(new URL('encodings.txt', import.meta.url), MNEMONICS, encode);
});

test('an operand that an instruction cannot take is refused', () => {
  assert.throws(() => encode('ldi', [3, 1]), RangeError);
  assert.throws(() => encode('mulsu', [24, 16]), RangeError);
  assert.throws(() => encode('movw', [3, 2]), RangeError);
  assert.throws(() => encode('ldd Y', [3, 64]), RangeError);
  assert.throws(() => encode('adiw', [24, 64]), RangeError);
  assert.throws(() => encode('brne', [64]), RangeError);
  assert.throws(() => encode('add', [1]), RangeError);
});
