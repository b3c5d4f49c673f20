/**
 * Thumb instructions of ARMv6-M, as data: how each is encoded, written and what it costs. From the ARMv6-M Architecture Reference Manual
 * (DDI 0419) and the Cortex-M0+ Technical Reference Manual (DDI 0484), with the multiplier of one cycle, as the RP2040 and STM32L0 have it.
 *
 * In an encoding `d`, `n` and `m` are bits of registers, `i` of a constant, `h` and `w` of one in halfwords and words, `l` of a list of
 * registers, `k` of a distance in halfwords from two instructions on, `K` of the far distance of a call; highest bit first. Operands stand in
 * the order in which the text names them. Cycles are those of a branch that is not taken and of a list without registers; of lists `push`
 * and `pop` count neither lr nor pc, as the simulator has it: the manual's count is one more.
 */
const TABLE = {
  'lsls i': ['00000iiiiimmmddd', 1, 'lsls d, m, #i'],
  'lsrs i': ['00001iiiiimmmddd', 1, 'lsrs d, m, #i'],
  'asrs i': ['00010iiiiimmmddd', 1, 'asrs d, m, #i'],
  'adds r': ['0001100mmmnnnddd', 1, 'adds d, n, m'],
  'subs r': ['0001101mmmnnnddd', 1, 'subs d, n, m'],
  'adds 3': ['0001110iiinnnddd', 1, 'adds d, n, #i'],
  'subs 3': ['0001111iiinnnddd', 1, 'subs d, n, #i'],
  'movs i': ['00100dddiiiiiiii', 1, 'movs d, #i'],
  'cmp i': ['00101dddiiiiiiii', 1, 'cmp d, #i'],
  'adds i': ['00110dddiiiiiiii', 1, 'adds d, #i'],
  'subs i': ['00111dddiiiiiiii', 1, 'subs d, #i'],
  ands: ['0100000000mmmddd', 1, 'ands d, m'],
  eors: ['0100000001mmmddd', 1, 'eors d, m'],
  lsls: ['0100000010mmmddd', 1, 'lsls d, m'],
  lsrs: ['0100000011mmmddd', 1, 'lsrs d, m'],
  asrs: ['0100000100mmmddd', 1, 'asrs d, m'],
  adcs: ['0100000101mmmddd', 1, 'adcs d, m'],
  sbcs: ['0100000110mmmddd', 1, 'sbcs d, m'],
  tst: ['0100001000mmmddd', 1, 'tst d, m'],
  rsbs: ['0100001001mmmddd', 1, 'rsbs d, m, #0'],
  cmp: ['0100001010mmmddd', 1, 'cmp d, m'],
  orrs: ['0100001100mmmddd', 1, 'orrs d, m'],
  muls: ['0100001101mmmddd', 1, 'muls d, m'],
  bics: ['0100001110mmmddd', 1, 'bics d, m'],
  mvns: ['0100001111mmmddd', 1, 'mvns d, m'],
  add: ['01000100dmmmmddd', 1, 'add d, m'],
  'cmp h': ['01000101dmmmmddd', 1, 'cmp d, m'],
  mov: ['01000110dmmmmddd', 1, 'mov d, m'],
  bx: ['010001110mmmm000', 2, 'bx m'],
  'str r': ['0101000mmmnnnddd', 2, 'str d, [n, m]'],
  'strb r': ['0101010mmmnnnddd', 2, 'strb d, [n, m]'],
  'ldrsb r': ['0101011mmmnnnddd', 2, 'ldrsb d, [n, m]'],
  'ldr r': ['0101100mmmnnnddd', 2, 'ldr d, [n, m]'],
  'ldrh r': ['0101101mmmnnnddd', 2, 'ldrh d, [n, m]'],
  'ldrb r': ['0101110mmmnnnddd', 2, 'ldrb d, [n, m]'],
  'ldrsh r': ['0101111mmmnnnddd', 2, 'ldrsh d, [n, m]'],
  str: ['01100wwwwwnnnddd', 2, 'str d, [n, #w]'],
  ldr: ['01101wwwwwnnnddd', 2, 'ldr d, [n, #w]'],
  strb: ['01110iiiiinnnddd', 2, 'strb d, [n, #i]'],
  ldrb: ['01111iiiiinnnddd', 2, 'ldrb d, [n, #i]'],
  strh: ['10000hhhhhnnnddd', 2, 'strh d, [n, #h]'],
  ldrh: ['10001hhhhhnnnddd', 2, 'ldrh d, [n, #h]'],
  'str sp': ['10010dddwwwwwwww', 2, 'str d, [sp, #w]'],
  'ldr sp': ['10011dddwwwwwwww', 2, 'ldr d, [sp, #w]'],
  'add sp': ['101100000wwwwwww', 1, 'add sp, #w'],
  'sub sp': ['101100001wwwwwww', 1, 'sub sp, #w'],
  sxth: ['1011001000mmmddd', 1, 'sxth d, m'],
  sxtb: ['1011001001mmmddd', 1, 'sxtb d, m'],
  uxth: ['1011001010mmmddd', 1, 'uxth d, m'],
  uxtb: ['1011001011mmmddd', 1, 'uxtb d, m'],
  push: ['1011010lllllllll', 1, 'push l'],
  pop: ['1011110lllllllll', 1, 'pop l'],
  stm: ['11000dddllllllll', 1, 'stmia d!, l'],
  ldm: ['11001dddllllllll', 1, 'ldmia d!, l'],
  beq: ['11010000kkkkkkkk', 1, 'beq k'],
  bne: ['11010001kkkkkkkk', 1, 'bne k'],
  bcs: ['11010010kkkkkkkk', 1, 'bcs k'],
  bcc: ['11010011kkkkkkkk', 1, 'bcc k'],
  bmi: ['11010100kkkkkkkk', 1, 'bmi k'],
  bpl: ['11010101kkkkkkkk', 1, 'bpl k'],
  bhi: ['11011000kkkkkkkk', 1, 'bhi k'],
  bls: ['11011001kkkkkkkk', 1, 'bls k'],
  bge: ['11011010kkkkkkkk', 1, 'bge k'],
  blt: ['11011011kkkkkkkk', 1, 'blt k'],
  bgt: ['11011100kkkkkkkk', 1, 'bgt k'],
  ble: ['11011101kkkkkkkk', 1, 'ble k'],
  b: ['11100kkkkkkkkkkk', 2, 'b k'],
  bl: ['11110KKKKKKKKKKK11K1KKKKKKKKKKKK', 3, 'bl K'],
} as const;

export type Mnemonic = keyof typeof TABLE;
export const MNEMONICS = Object.keys(TABLE) as Mnemonic[];

/** Eight bits of the distance in bytes to a label from what pc reads as in the instruction before the label `from`: how tables are found. */
export type Distance = { readonly to: string; readonly from: string; readonly byte: 0 | 1 | 2 };

/** Registers are 0..15, lists of registers masks (bit 8 of `push` is lr, of `pop` pc), targets of jumps labels. */
export type Operand = number | string | Distance;

export type Field = { readonly letter: string; readonly bits: readonly number[]; readonly scale: number };
type Row = {
  readonly bytes: number;
  readonly cycles: number;
  readonly text: string;
  /** In the order of the operands. */
  readonly fields: readonly Field[];
  /** The operand that is a list of registers; below zero where none is. */
  readonly list: number;
  readonly fixed: number;
};

const SCALES: { readonly [letter: string]: number } = { h: 2, w: 4 };

const rows = new Map<Mnemonic, Row>(
  MNEMONICS.map((mnemonic) => {
    const [pattern, cycles, text] = TABLE[mnemonic];
    const operands = text.slice(text.indexOf(' ') + 1).replace('sp', '');
    const letters = [...operands].filter((letter, i) => /[dnmihwlkK]/.test(letter) && operands.indexOf(letter) === i);
    const fields = letters.map((letter): Field => {
      const bits = [...pattern].flatMap((each, i) => (each === letter ? [pattern.length - 1 - i] : []));
      return { letter, bits, scale: SCALES[letter] ?? 1 };
    });
    const fixed = Number.parseInt(pattern.replaceAll(/[a-z]/gi, '0'), 2);
    const list = letters.indexOf('l');
    return [mnemonic, { bytes: pattern.length / 8, cycles, text, fields, list, fixed }];
  }),
);

export const rowOf = (mnemonic: Mnemonic): Row => rows.get(mnemonic)!;

/** Cycles of an instruction whose branch is not taken. */
export function cyclesOf(mnemonic: Mnemonic, operands: readonly Operand[]): number {
  const { cycles, list } = rowOf(mnemonic);
  if (list < 0) return cycles;
  const mask = operands[list] as number;
  return cycles + countOf(mask & 255) + (mnemonic === 'pop' && mask > 255 ? 2 : 0);
}

export function countOf(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) count++;
  return count;
}

/** The halfwords of an instruction whose operands are numbers: a target is the distance in halfwords from two instructions on. */
export function encode(mnemonic: Mnemonic, operands: readonly number[]): number[] {
  const { bytes, fields, fixed } = rowOf(mnemonic);
  if (operands.length !== fields.length) throw new RangeError(`${mnemonic} takes ${fields.length} operands`);
  if (mnemonic === 'bl') return call(operands[0]);
  let value = fixed;
  fields.forEach(({ letter, bits, scale }, i) => {
    const number = operands[i] / scale;
    const [least, most] = letter === 'k' ? [-(2 ** (bits.length - 1)), 2 ** (bits.length - 1) - 1] : [0, 2 ** bits.length - 1];
    if (!Number.isInteger(number) || number < least || number > most) throw new RangeError(`${mnemonic} cannot take ${operands[i]}`);
    bits.forEach((at, rank) => {
      if ((number >> (bits.length - 1 - rank)) & 1) value += 2 ** at;
    });
  });
  return bytes === 4 ? [Math.floor(value / 65536), value % 65536] : [value];
}

/** The bits of a call's distance are mixed: S, then J1 and J2, which are those below it, inverted and with S exclusive-ored. */
function call(distance: number): number[] {
  if (!Number.isInteger(distance) || distance < -(2 ** 23) || distance >= 2 ** 23) throw new RangeError(`bl cannot take ${distance}`);
  const bit = (at: number) => (distance >> at) & 1;
  const sign = Number(distance < 0);
  const [j1, j2] = [bit(22) ^ 1 ^ sign, bit(21) ^ 1 ^ sign];
  return [0xf000 | (sign << 10) | ((distance >> 11) & 0x3ff), 0xd000 | (j1 << 13) | (j2 << 11) | (distance & 0x7ff)];
}
