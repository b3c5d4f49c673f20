/**
 * Instructions of an AVR with a multiplier, as data: how each is encoded and what it costs. From the AVR Instruction Set Manual (DS40002198).
 *
 * In an encoding `d` and `r` are bits of registers, `K` of a constant, `q` of a displacement, `b` of a bit's number, `k` of a distance in
 * words from the next instruction, `a` of an absolute word address; highest bit first. Cycles are those of a branch that is not taken.
 */
const TABLE = {
  add: ['000011rdddddrrrr', 1],
  adc: ['000111rdddddrrrr', 1],
  sub: ['000110rdddddrrrr', 1],
  sbc: ['000010rdddddrrrr', 1],
  and: ['001000rdddddrrrr', 1],
  or: ['001010rdddddrrrr', 1],
  eor: ['001001rdddddrrrr', 1],
  mov: ['001011rdddddrrrr', 1],
  cp: ['000101rdddddrrrr', 1],
  cpc: ['000001rdddddrrrr', 1],
  cpse: ['000100rdddddrrrr', 1],
  mul: ['100111rdddddrrrr', 2],
  muls: ['00000010ddddrrrr', 2],
  mulsu: ['000000110ddd0rrr', 2],
  movw: ['00000001ddddrrrr', 1],
  com: ['1001010ddddd0000', 1],
  neg: ['1001010ddddd0001', 1],
  inc: ['1001010ddddd0011', 1],
  dec: ['1001010ddddd1010', 1],
  swap: ['1001010ddddd0010', 1],
  lsr: ['1001010ddddd0110', 1],
  asr: ['1001010ddddd0101', 1],
  ror: ['1001010ddddd0111', 1],
  ldi: ['1110KKKKddddKKKK', 1],
  cpi: ['0011KKKKddddKKKK', 1],
  subi: ['0101KKKKddddKKKK', 1],
  sbci: ['0100KKKKddddKKKK', 1],
  andi: ['0111KKKKddddKKKK', 1],
  ori: ['0110KKKKddddKKKK', 1],
  adiw: ['10010110KKddKKKK', 2],
  sbiw: ['10010111KKddKKKK', 2],
  'ld X': ['1001000ddddd1100', 2],
  'ld X+': ['1001000ddddd1101', 2],
  'ld Y+': ['1001000ddddd1001', 2],
  'ld Z+': ['1001000ddddd0001', 2],
  'st X': ['1001001ddddd1100', 2],
  'st X+': ['1001001ddddd1101', 2],
  'st Y+': ['1001001ddddd1001', 2],
  'st Z+': ['1001001ddddd0001', 2],
  'ldd Y': ['10q0qq0ddddd1qqq', 2],
  'ldd Z': ['10q0qq0ddddd0qqq', 2],
  'std Y': ['10q0qq1ddddd1qqq', 2],
  'std Z': ['10q0qq1ddddd0qqq', 2],
  lpm: ['1001000ddddd0100', 3],
  'lpm Z+': ['1001000ddddd0101', 3],
  push: ['1001001ddddd1111', 2],
  pop: ['1001000ddddd1111', 2],
  sbrc: ['1111110ddddd0bbb', 1],
  sbrs: ['1111111ddddd0bbb', 1],
  brne: ['111101kkkkkkk001', 1],
  breq: ['111100kkkkkkk001', 1],
  brcs: ['111100kkkkkkk000', 1],
  brcc: ['111101kkkkkkk000', 1],
  brmi: ['111100kkkkkkk010', 1],
  brpl: ['111101kkkkkkk010', 1],
  brlt: ['111100kkkkkkk100', 1],
  brge: ['111101kkkkkkk100', 1],
  rjmp: ['1100kkkkkkkkkkkk', 2],
  rcall: ['1101kkkkkkkkkkkk', 3],
  jmp: ['1001010aaaaa110aaaaaaaaaaaaaaaaa', 3],
  ret: ['1001010100001000', 4],
} as const;

export type Mnemonic = keyof typeof TABLE;
export const MNEMONICS = Object.keys(TABLE) as Mnemonic[];

/** The byte of a label's address, plus an offset: of a table that is read by lpm. */
export type AddressByte = { readonly label: string; readonly byte: 0 | 1; readonly offset: number };

/**
 * Registers are 0..31 (the lower of a pair), constants and displacements numbers, targets of jumps labels. Operands stand in the order of
 * the assembler's text, but that of a store and a load is only the register, and for a displacement the register comes first.
 */
export type Operand = number | string | AddressByte;

type Row = {
  readonly words: number;
  readonly cycles: number;
  /** Which letters the operands fill, in order, and how a register is numbered. */
  readonly fields: readonly Field[];
  readonly fixed: number;
  /** How many operands are registers; they come first. Pairs have step 2. */
  readonly registers: number;
  readonly step: number;
  /** The lower register of the pair that it loads or stores by. */
  readonly pointer?: number;
};
type Field = { readonly letter: string; readonly bits: readonly number[]; readonly first: number; readonly step: number };

/** Registers that an instruction can name where its field is narrower than five bits: from `first`, every `step`th. */
const REGISTERS: { readonly [mnemonic in Mnemonic]?: readonly [first: number, step: number] } = {
  ...{ muls: [16, 1], mulsu: [16, 1], movw: [0, 2], adiw: [24, 2], sbiw: [24, 2] },
  ...{ ldi: [16, 1], cpi: [16, 1], subi: [16, 1], sbci: [16, 1], andi: [16, 1], ori: [16, 1] },
};

const POINTERS: { readonly [name: string]: number | undefined } = { X: 26, Y: 28, Z: 30 };

const rows = new Map<Mnemonic, Row>(
  MNEMONICS.map((mnemonic) => {
    const [pattern, cycles] = TABLE[mnemonic];
    const letters = ['d', 'r', 'q', 'K', 'b', 'k', 'a'].filter((letter) => pattern.includes(letter));
    const [first, step] = REGISTERS[mnemonic] ?? [0, 1];
    const fields = letters.map((letter): Field => {
      const bits = [...pattern].flatMap((each, i) => (each === letter ? [pattern.length - 1 - i] : []));
      const register = letter === 'd' || letter === 'r';
      return { letter, bits, first: register ? first : 0, step: register ? step : 1 };
    });
    const fixed = Number.parseInt(pattern.replaceAll(/[a-zK]/gi, '0'), 2);
    const registers = letters.filter((letter) => letter === 'd' || letter === 'r').length;
    const pointer = POINTERS[mnemonic.split(' ')[1]?.[0]];
    return [mnemonic, { words: pattern.length / 16, cycles, fields, fixed, registers, step, ...(pointer !== undefined && { pointer }) }];
  }),
);

export const rowOf = (mnemonic: Mnemonic): Row => rows.get(mnemonic)!;

/** The words of an instruction whose operands are numbers: a target is the distance in words from the next instruction. */
export function encode(mnemonic: Mnemonic, operands: readonly number[]): number[] {
  const { words, fields, fixed } = rowOf(mnemonic);
  if (operands.length !== fields.length) throw new RangeError(`${mnemonic} takes ${fields.length} operands`);
  let value = fixed;
  fields.forEach(({ letter, bits, first, step }, i) => {
    const number = (operands[i] - first) / step;
    const [least, most] = limits(letter, bits.length);
    if (!Number.isInteger(number) || number < least || number > most) throw new RangeError(`${mnemonic} cannot take ${operands[i]}`);
    bits.forEach((at, rank) => {
      if ((number >> (bits.length - 1 - rank)) & 1) value += 2 ** at;
    });
  });
  return words === 2 ? [Math.floor(value / 65536), value % 65536] : [value];
}

/** Constants may be written signed or unsigned. */
function limits(letter: string, bits: number): [number, number] {
  if (letter === 'k') return [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return letter === 'K' && bits === 8 ? [-128, 255] : [0, 2 ** bits - 1];
}
