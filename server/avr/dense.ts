import { bytesOf, endsOf } from '../machine/bytes.ts';
import type { Task } from '../machine/machine.ts';
import { addProduct, addTo, pointTo } from './arithmetic.ts';
import { forGroups, groupsOf, sumRegisters, sumsOf } from './groups.ts';
import { sumOf } from './products.ts';
import type { Program } from './program.ts';
import { COLUMN, FIRST, MOST_SUM_REGISTERS, SUMS, TAP, WEIGHT, X, Z, ZERO } from './registers.ts';
import { lower, requantize, storeSum } from './requantize.ts';
import { type Sparse, sparseOf } from './sparse.ts';
import { addTaps, liftOf, packStretch, readingOf, stretchBytes } from './stretch.ts';

/** All inputs lie side by side from FIRST: emits every unit, to Y. */
export function dense(p: Program, task: Task): void {
  const { stage, inputs, bits } = task;
  const [input] = inputs;
  const { weight } = stage.weights!;
  const units = stage.shape.channels;
  const taps = weight.length / units;
  const row = input.width * input.channels;
  const ofUnit = (unit: number) => weight.subarray(unit * taps, (unit + 1) * taps);
  if (task.weights === 'table') {
    const groups = groupsOf(units, Math.floor(sumRegisters(task) / sumsOf(task).bytes), bits);
    const reading = readingOf(task);
    const weights = {
      bytes: ({ length }: readonly number[]) => stretchBytes({ taps, sums: length, bits }),
      encode: (group: readonly number[]) => packStretch(interleaved(group.map(ofUnit)), { taps, sums: group.length, bits }),
    };
    forGroups(p, task, groups, weights, (sums) => {
      p.op('movw', X, FIRST);
      addTaps(p, input, sums, taps, reading);
    });
    return;
  }
  const sparse = sparseOf(task, row);
  const weights = {
    bytes: ([unit]: readonly number[]) => sparse.bytes(ofUnit(unit)),
    encode: ([unit]: readonly number[]) => sparse.encode(ofUnit(unit)),
  };
  forGroups(p, task, groupsOf(units, 1), weights, ([sum]) => {
    p.op('movw', X, FIRST);
    if (input.height === 1) {
      sparse.add(p, sum);
      return;
    }
    const begin = SUMS + 6;
    p.loop(COLUMN, input.height, () => {
      p.op('movw', begin, X);
      sparse.add(p, sum);
      p.op('movw', X, begin);
      addTo(p, X, row);
    });
  });
}

/** Weights of several units for the same taps: for the first tap those of each unit, and so on. */
const interleaved = (units: readonly Int8Array[]): number[] =>
  Array.from({ length: units[0].length }, (_, tap) => units.map((weights) => weights[tap])).flat();

/** A piece of a dense layer's input: a row or a pixel. */
export type Piece = {
  /** How many there are, and values in each. */
  readonly pieces: number;
  readonly taps: number;
  /** Registers of the piece's number, the lower first; the upper is absent where one byte holds it. */
  readonly index: readonly number[];
  /** Where its values lie, from the begin of the state; at FIRST without it. */
  readonly offset?: number;
  /** An upper register that is free; COLUMN without it. */
  readonly counter?: number;
  /** Registers from SUMS on that are free; all without it. */
  readonly registers?: number;
};

/** Adds a piece of the input to all units' sums at Y. */
export function foldDense(p: Program, task: Task, piece: Piece): void {
  const { stage, inputs, sums: kept, bits } = task;
  const { taps, offset, counter = COLUMN, registers = MOST_SUM_REGISTERS } = piece;
  const [input] = inputs;
  const isTable = task.weights === 'table';
  const bytes = Math.min(kept!.bytes, sumsOf(task).bytes === 4 ? 4 : 3);
  const most = isTable ? Math.floor(Math.min(sumRegisters(task), registers) / bytes) : 1;
  const groups = groupsOf(stage.shape.channels, most, bits);
  const reading = readingOf(task);
  const sparse = sparseOf(task, taps);
  if (isTable) pointToTable(p, task, groups, piece);
  else pointToSparse(p, task, sparse, piece);
  const lift = liftOf(bits);
  const body = (count: number) => {
    const own = Array.from({ length: count }, (_, slot) => sumOf(slot, bytes));
    own.forEach((sum, slot) => {
      sum.forEach((register, i) => {
        if (lift > 0) p.op('mov', register, ZERO);
        else p.op('ldd Y', register, slot * kept!.bytes + i);
      });
    });
    if (offset === undefined) p.op('movw', X, FIRST);
    else pointTo(p, X, offset);
    if (isTable) addTaps(p, input, own, taps, reading);
    else sparse.add(p, own[0]);
    for (const sum of own) {
      if (lift > 0) {
        lower(p, sum, lift);
        addKept(p, sum);
      }
      storeSum(p, sum, kept!.bytes);
    }
  };
  const size = groups[0].length;
  const full = groups.filter((group) => group.length === size).length;
  p.loop(counter, full, () => body(size));
  if (full < groups.length) body(groups[full].length);
}

/** The weights of a unit for one piece of the input. */
function partOf({ stage }: Task, { pieces, taps }: Piece, unit: number, piece: number): Int8Array {
  const at = (unit * pieces + piece) * taps;
  return stage.weights!.weight.subarray(at, at + taps);
}

/** Z = where the weights for the piece begin: those of every piece take as many bytes. */
function pointToTable(p: Program, task: Task, groups: readonly (readonly number[])[], piece: Piece): void {
  const { pieces, taps, index } = piece;
  const { bits } = task;
  const pieceBytes = groups.reduce((sum, { length }) => sum + stretchBytes({ taps, sums: length, bits }), 0);
  const encode = (group: readonly number[], at: number) =>
    packStretch(interleaved(group.map((unit) => partOf(task, piece, unit, at))), { taps, sums: group.length, bits });
  address(
    p,
    p.table(pieces * pieceBytes, () => Array.from({ length: pieces }, (_, at) => groups.flatMap((group) => encode(group, at))).flat()),
  );
  if (pieces === 1) return;
  addProduct(p, Z, index[0], pieceBytes);
  if (index.length === 1) return;
  p.op('ldi', TAP, pieceBytes & 255);
  p.op('mul', index[1], TAP);
  p.op('add', Z + 1, 0);
}

/** Z = where the weights for the piece begin, which a table of those places tells. */
function pointToSparse(p: Program, task: Task, sparse: Sparse, piece: Piece): void {
  const { pieces, index } = piece;
  const units = Array.from({ length: task.stage.shape.channels }, (_, unit) => unit);
  const each = <Of>(of: (weights: Int8Array) => Of): Of[][] =>
    Array.from({ length: pieces }, (_, at) => units.map((unit) => of(partOf(task, piece, unit, at))));
  const ends = endsOf(each((weights) => sparse.bytes(weights)).map((sizes) => sizes.reduce((sum, size) => sum + size, 0)));
  const table = p.table(ends[ends.length - 1], () => each((weights) => sparse.encode(weights)).flat(2));
  if (pieces === 1) {
    address(p, table);
    return;
  }
  const starts = [0, ...ends].slice(0, pieces);
  address(
    p,
    p.table(2 * pieces, () => starts.flatMap((start) => bytesOf(start, 2))),
  );
  for (let i = 0; i < 2; i++) {
    p.op('add', Z, index[0]);
    p.op('adc', Z + 1, index[1] ?? ZERO);
  }
  p.op('lpm Z+', TAP);
  p.op('lpm Z+', WEIGHT);
  address(p, table);
  p.op('add', Z, TAP);
  p.op('adc', Z + 1, WEIGHT);
}

/** A sum that was begun at zero += the one that is kept at Y. */
function addKept(p: Program, sum: readonly number[]): void {
  sum.forEach((register, i) => {
    p.op('ldd Y', TAP, i);
    p.op(i === 0 ? 'add' : 'adc', register, TAP);
  });
}

function address(p: Program, table: string): void {
  p.op('ldi', Z, { label: table, byte: 0, offset: 0 });
  p.op('ldi', Z + 1, { label: table, byte: 1, offset: 0 });
}

/** The sums at FIRST are complete: requantises them to Y. */
export function closeDense(p: Program, task: Task): void {
  const { stage, sums: kept } = task;
  const { scaling, bytes } = sumsOf(task);
  const sum = sumOf(0, Math.min(kept!.bytes, Math.max(bytes, 3)));
  const { multipliers } = stage.rescale!;
  if (scaling!.multiplier === undefined)
    address(
      p,
      p.table(2 * multipliers.length, () => [...multipliers].flatMap((each) => bytesOf(each, 2))),
    );
  p.loop(COLUMN, stage.shape.channels, () => {
    p.op('movw', X, FIRST);
    for (const register of sum) p.op('ld X+', register);
    addTo(p, FIRST, kept!.bytes);
    p.op('st Y+', requantize(p, sum, scaling!));
  });
}
