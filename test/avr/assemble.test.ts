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
  assertEncoded(STORED, MNEMONICS, encode);
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

const STORED = `
add|12|16 = c00e
add|30|16 = e00f
adc|27|11 = bb1d
adc|19|24 = 381f
sub|11|8 = b818
sub|26|31 = af1b
sbc|21|24 = 580b
sbc|13|5 = d508
and|1|10 = 1a20
and|4|26 = 4a22
or|18|24 = 282b
or|4|3 = 4328
eor|8|7 = 8724
eor|8|16 = 8026
mov|4|18 = 422e
mov|17|2 = 122d
cp|18|22 = 2617
cp|1|19 = 1316
cpc|20|26 = 4a07
cpc|19|4 = 3405
cpse|15|18 = f212
cpse|25|24 = 9813
mul|10|22 = a69e
mul|19|15 = 3f9d
muls|22|30 = 6e02
muls|22|27 = 6b02
mulsu|19|19 = 3303
mulsu|22|18 = 6203
movw|2|18 = 1901
movw|10|18 = 5901
com|24 = 8095
com|12 = c094
neg|15 = f194
neg|10 = a194
inc|19 = 3395
inc|0 = 0394
dec|22 = 6a95
dec|13 = da94
swap|17 = 1295
swap|2 = 2294
lsr|14 = e694
lsr|9 = 9694
asr|31 = f595
asr|24 = 8595
ror|23 = 7795
ror|3 = 3794
ldi|18|137 = 29e8
ldi|30|119 = e7e7
cpi|24|58 = 8a33
cpi|24|239 = 8f3e
subi|25|16 = 9051
subi|25|243 = 935f
sbci|20|208 = 404d
sbci|30|159 = ef49
andi|29|249 = d97f
andi|16|187 = 0b7b
ori|31|48 = f063
ori|27|134 = b668
adiw|26|41 = 9996
adiw|30|25 = 7996
sbiw|28|4 = 2497
sbiw|26|49 = d197
ld X|4 = 4c90
ld X|8 = 8c90
ld X+|0 = 0d90
ld X+|28 = cd91
ld Y+|9 = 9990
ld Y+|21 = 5991
ld Z+|15 = f190
ld Z+|6 = 6190
st X|16 = 0c93
st X|28 = cc93
st X+|0 = 0d92
st X+|21 = 5d93
st Y+|1 = 1992
st Y+|14 = e992
st Z+|5 = 5192
st Z+|24 = 8193
ldd Y|1|54 = 1ea8
ldd Y|21|34 = 5aa1
ldd Z|5|26 = 528c
ldd Z|7|55 = 77a8
std Y|5|63 = 5fae
std Y|3|19 = 3b8a
std Z|29|23 = d78b
std Z|11|62 = b6ae
lpm|16 = 0491
lpm|22 = 6491
lpm Z+|17 = 1591
lpm Z+|12 = c590
push|27 = bf93
push|16 = 0f93
pop|29 = df91
pop|24 = 8f91
sbrc|9|6 = 96fc
sbrc|8|7 = 87fc
sbrs|12|0 = c0fe
sbrs|12|6 = c6fe
brne|10 = 51f4
brne|7 = 39f4
breq|0 = 01f0
breq|-1 = f9f3
brcs|-5 = d8f3
brcs|-22 = 50f3
brcc|-25 = 38f7
brcc|26 = d0f4
brmi|-5 = daf3
brmi|26 = d2f0
brpl|8 = 42f4
brpl|3 = 1af4
brlt|20 = a4f0
brlt|22 = b4f0
brge|5 = 2cf4
brge|7 = 3cf4
rjmp|-7 = f9cf
rjmp|27 = 1bc0
rcall|-21 = ebdf
rcall|-1 = ffdf
jmp|1527272 = bd94e84d
jmp|931630 = 7c942e37
ret = 0895
`;
