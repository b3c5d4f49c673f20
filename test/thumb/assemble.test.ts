import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '../../server/random.ts';
import { assemble } from '../../server/thumb/assemble.ts';
import { encode, type Field, MNEMONICS, type Mnemonic, type Operand, rowOf } from '../../server/thumb/instruction.ts';
import { type Item, Program } from '../../server/thumb/program.ts';
import { relax } from '../../server/thumb/relax.ts';
import { assembly } from '../../server/thumb/text.ts';
import { findProgram } from '../../server/verify/tool.ts';
import { assembledBy, assertEncoded } from '../support/assembler.ts';

const skip = findProgram('arm-none-eabi-as') ? false : 'arm-none-eabi-as is not on the PATH';

/** An operand that the instruction can take and that the manual does not call unpredictable; a jump's is `target`'s. */
function randomOperand<T>(random: Random, mnemonic: Mnemonic, { letter, bits, scale }: Field, target: () => T): number | T {
  if (letter === 'k' || letter === 'K') return target();
  if (letter === 'l') return 1 + random.integer(2 ** bits.length - 1);
  if (bits.length === 4) return random.integer(13);
  const shiftOfNone = letter === 'i' && bits.length === 5 && /^(lsls|lsrs|asrs)/.test(mnemonic);
  return scale * (shiftOfNone ? 1 + random.integer(31) : random.integer(2 ** bits.length));
}

/** What an instruction's operands cannot be together: a base that is loaded, or two low registers where one must be high. */
function isSound(mnemonic: Mnemonic, operands: readonly Operand[]): boolean {
  const [first, second] = operands as number[];
  if (mnemonic === 'ldm' || mnemonic === 'stm') return ((second >> first) & 1) === 0;
  // The assembler takes the form for one register where both are the same.
  if (mnemonic === 'adds 3' || mnemonic === 'subs 3') return first !== second;
  return mnemonic !== 'cmp h' || first > 7 || second > 7;
}

/** Random instructions, tables and labels; targets lie anywhere. */
function randomItems(random: Random, count: number): Item[] {
  const program = new Program();
  const labels = Array.from({ length: 1 + Math.floor(count / 8) }, (_, i) => `P${i}`);
  const some = () => labels[random.integer(labels.length)];
  const places = new Map(labels.map((label) => [label, random.integer(count)]));
  for (let i = 0; i < count; i++) {
    for (const [label, at] of places) if (at === i) program.label(label);
    if (random.integer(60) === 0) {
      program.label(`T${i}`);
      const bytes = Array.from({ length: 1 + random.integer(9) }, () => random.integer(256));
      program.items.push({ size: bytes.length, bytes: () => bytes });
    }
    const mnemonic = MNEMONICS[random.integer(MNEMONICS.length)];
    const operands = rowOf(mnemonic).fields.map((field): Operand => {
      if (mnemonic === 'movs i' && field.letter === 'i' && random.integer(2)) return { to: some(), from: some(), byte: 1 };
      return randomOperand(random, mnemonic, field, some);
    });
    if (isSound(mnemonic, operands)) program.op(mnemonic, ...operands);
  }
  return program.items;
}

const TOOLS = { prefix: 'arm-none-eabi', as: ['-mthumb'], ld: [] };
const BEGIN = ['.syntax unified', '.cpu cortex-m0plus', '.thumb', '.balign 4'];

test('machine code is that of arm-none-eabi-as, byte for byte, on random instructions, near and far', { skip }, () => {
  for (let seed = 0; seed < 12; seed++) {
    const items = relax(randomItems(createRandom(seed), seed < 10 ? 40 * (seed + 1) : 6000));
    const made = Buffer.from(assemble(items));
    assert.deepEqual(
      made,
      assembledBy(TOOLS, [...BEGIN, ...assembly(items, 'x'), '.balign 4, 0']).subarray(0, made.length),
      `seed ${seed}`,
    );
  }
});

test('machine code is what arm-none-eabi-as once made of every instruction', () => {
  assertEncoded(new URL('encodings.txt', import.meta.url), MNEMONICS, encode);
});

test('an operand that an instruction cannot take is refused', () => {
  assert.throws(() => encode('movs i', [3, 256]), RangeError);
  assert.throws(() => encode('adds r', [8, 1, 1]), RangeError);
  assert.throws(() => encode('ldr', [3, 2, 6]), RangeError);
  assert.throws(() => encode('ldr', [3, 2, 128]), RangeError);
  assert.throws(() => encode('beq', [128]), RangeError);
  assert.throws(() => encode('adds r', [1]), RangeError);
});
