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
  assertEncoded(STORED, MNEMONICS, encode);
});

test('an operand that an instruction cannot take is refused', () => {
  assert.throws(() => encode('movs i', [3, 256]), RangeError);
  assert.throws(() => encode('adds r', [8, 1, 1]), RangeError);
  assert.throws(() => encode('ldr', [3, 2, 6]), RangeError);
  assert.throws(() => encode('ldr', [3, 2, 128]), RangeError);
  assert.throws(() => encode('beq', [128]), RangeError);
  assert.throws(() => encode('adds r', [1]), RangeError);
});

const STORED = `
lsls i|1|4|9 = 6102
lsls i|6|6|10 = b602
lsrs i|3|2|24 = 130e
lsrs i|2|6|30 = b20f
asrs i|2|1|16 = 0a14
asrs i|7|4|12 = 2713
adds r|4|5|6 = ac19
adds r|4|2|5 = 5419
subs r|2|2|4 = 121b
subs r|1|7|5 = 791b
adds 3|4|7|6 = bc1d
adds 3|4|7|3 = fc1c
subs 3|2|3|5 = 5a1f
subs 3|3|7|7 = fb1f
movs i|4|157 = 9d24
movs i|3|209 = d123
cmp i|1|48 = 3029
cmp i|4|46 = 2e2c
adds i|2|206 = ce32
adds i|2|183 = b732
subs i|3|29 = 1d3b
subs i|5|58 = 3a3d
ands|5|3 = 1d40
ands|4|1 = 0c40
eors|3|1 = 4b40
eors|6|6 = 7640
lsls|7|5 = af40
lsls|4|7 = bc40
lsrs|7|1 = cf40
lsrs|4|3 = dc40
asrs|2|3 = 1a41
asrs|7|1 = 0f41
adcs|1|2 = 5141
adcs|1|7 = 7941
sbcs|1|2 = 9141
sbcs|6|3 = 9e41
tst|3|4 = 2342
tst|6|5 = 2e42
rsbs|6|6 = 7642
rsbs|7|5 = 6f42
cmp|7|3 = 9f42
cmp|4|6 = b442
orrs|2|4 = 2243
orrs|1|2 = 1143
muls|5|6 = 7543
muls|2|7 = 7a43
bics|2|6 = b243
bics|7|6 = b743
mvns|2|3 = da43
mvns|4|6 = f443
add|5|10 = 5544
add|12|5 = ac44
cmp h|1|10 = 5145
cmp h|5|11 = 5d45
mov|11|4 = a346
mov|4|4 = 2446
bx|10 = 5047
bx|8 = 4047
str r|5|1|7 = cd51
str r|1|7|3 = f950
strb r|2|5|4 = 2a55
strb r|4|7|7 = fc55
ldrsb r|7|4|1 = 6756
ldrsb r|7|2|6 = 9757
ldr r|6|3|6 = 9e59
ldr r|3|7|5 = 7b59
ldrh r|3|6|7 = f35b
ldrh r|2|4|6 = a25b
ldrb r|3|4|2 = a35c
ldrb r|2|5|7 = ea5d
ldrsh r|7|5|2 = af5e
ldrsh r|2|5|5 = 6a5f
str|1|7|16 = 3961
str|4|4|88 = a465
ldr|2|3|116 = 5a6f
ldr|4|1|16 = 0c69
strb|7|7|18 = bf74
strb|5|4|2 = a570
ldrb|5|4|19 = e57c
ldrb|6|5|13 = 6e7b
strh|4|6|20 = b482
strh|4|5|20 = ac82
ldrh|6|2|6 = d688
ldrh|2|3|46 = da8d
str sp|5|736 = b895
str sp|6|684 = ab96
ldr sp|2|208 = 349a
ldr sp|2|668 = a79a
add sp|404 = 65b0
add sp|332 = 53b0
sub sp|156 = a7b0
sub sp|184 = aeb0
sxth|4|7 = 3cb2
sxth|5|7 = 3db2
sxtb|1|7 = 79b2
sxtb|5|7 = 7db2
uxth|6|7 = beb2
uxth|3|3 = 9bb2
uxtb|2|2 = d2b2
uxtb|2|5 = eab2
push|33 = 21b4
push|202 = cab4
pop|281 = 19bd
pop|25 = 19bc
stm|7|92 = 5cc7
stm|2|224 = e0c2
ldm|1|193 = c1c9
ldm|7|26 = 1acf
beq|-22 = ead0
beq|-3 = fdd0
bne|-8 = f8d1
bne|-19 = edd1
bcs|-4 = fcd2
bcs|29 = 1dd2
bcc|12 = 0cd3
bcc|-28 = e4d3
bmi|2 = 02d4
bmi|-18 = eed4
bpl|24 = 18d5
bpl|-8 = f8d5
bhi|-6 = fad8
bhi|14 = 0ed8
bls|18 = 12d9
bls|0 = 00d9
bge|17 = 11da
bge|-3 = fdda
blt|-8 = f8db
blt|13 = 0ddb
bgt|-21 = ebdc
bgt|25 = 19dc
ble|-8 = f8dd
ble|-21 = ebdd
b|11 = 0be0
b|-7 = f9e7
bl|-1432822 = 44f50afb
bl|827798 = 94f196f9
`;
