import { foldedBias } from '../machine/range.ts';
import { encodeRun, nonZeros } from '../quantize/nonzeros.ts';
import { addProduct, addTo, pointTo } from './arithmetic.ts';
import { endsOf, finishGroup, forGroups, groupsOf, loadBiases, sumsOf, sumsTo } from './groups.ts';
import { COLUMN, FIRST, MOST_SUM_REGISTERS, TAP, type Task, WEIGHT, X, Z, ZERO } from './machine.ts';
import { addRun, addTaps, bytesOf, runBytes, sumOf } from './products.ts';
import type { Program } from './program.ts';
import { requantize } from './requantize.ts';

/** All inputs lie side by side from FIRST: emits every unit, to Y. */
export function dense(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const { bytes, scaling } = sumsOf(task);
  const bias = foldedBias(stage, input);
  const { weight } = stage.weights!;
  const taps = weight.length / bias.length;
  const row = input.width * input.channels;
  const multipliers = scaling && scaling.multiplier === undefined ? stage.rescale!.multipliers : undefined;
  const isRuns = task.weights === 'runs';
  const groups = groupsOf(bias.length, isRuns ? 1 : Math.floor(Math.min(task.sumRegisters, bytes === 4 ? 8 : MOST_SUM_REGISTERS) / bytes));
  const tables = () =>
    groups.map((group) => [
      ...group.flatMap((unit) => bytesOf(bias[unit], bytes)),
      ...(isRuns
        ? group.flatMap((unit) => runsOf(weight.subarray(unit * taps, (unit + 1) * taps), row).flat())
        : Array.from({ length: taps }, (_, tap) => group.map((unit) => weight[unit * taps + tap] & 255)).flat()),
      ...(multipliers ? group.flatMap((unit) => bytesOf(multipliers[unit], 2)) : []),
    ]);
  const perRun = isRuns ? nonZeros(weight) / (bias.length * input.height) : 0;
  const scale = multipliers ? 2 : 0;
  const ends = isRuns
    ? sumsTo(groups.map(([unit]) => bytes + runBytes(weight.subarray(unit * taps, (unit + 1) * taps), input.height) + scale))
    : endsOf(groups, bytes + taps + scale);
  forGroups(
    p,
    groups,
    p.table(ends[ends.length - 1], () => tables().flat()),
    ends,
    (size) => {
      const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
      loadBiases(p, sums);
      p.op('movw', X, FIRST);
      if (!isRuns) addTaps(p, input, sums, taps);
      else if (input.height === 1) addRun(p, input, sums[0], perRun);
      else {
        const begin = 8;
        p.loop(COLUMN, input.height, () => {
          p.op('movw', begin, X);
          addRun(p, input, sums[0], perRun);
          p.op('movw', X, begin);
          addTo(p, X, row);
        });
      }
      finishGroup(p, task, sums, scaling);
    },
  );
}

const runsOf = (weights: Int8Array, length: number): number[][] =>
  Array.from({ length: weights.length / length }, (_, i) => encodeRun(weights.subarray(i * length, (i + 1) * length)));

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
export function foldDense(
  p: Program,
  task: Task,
  { pieces, taps, index, offset, counter = COLUMN, registers = MOST_SUM_REGISTERS }: Piece,
): void {
  const { stage, inputs, sums: kept } = task;
  const [input] = inputs;
  const { weight } = stage.weights!;
  const units = stage.shape.channels;
  const bytes = Math.min(kept!.bytes, sumsOf(task).bytes === 4 ? 4 : 3);
  const isRuns = task.weights === 'runs';
  const groups = groupsOf(units, isRuns ? 1 : Math.floor(Math.min(task.sumRegisters, bytes === 4 ? 8 : registers) / bytes));
  const run = (unit: number, piece: number) => weight.subarray((unit * pieces + piece) * taps, (unit * pieces + piece + 1) * taps);
  const byPiece = () =>
    Array.from({ length: pieces }, (_, piece) =>
      groups.flatMap((group) =>
        isRuns
          ? encodeRun(run(group[0], piece))
          : Array.from({ length: taps }, (_, tap) => group.map((unit) => run(unit, piece)[tap] & 255)).flat(),
      ),
    );
  const ends = isRuns ? sumsTo(pieceBytes(weight, units, pieces)) : [weight.length];
  const table = p.table(ends[ends.length - 1], () => byPiece().flat());
  if (isRuns && pieces > 1) {
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
  } else {
    address(p, table);
    if (pieces > 1) {
      addProduct(p, Z, index[0], taps * units);
      if (index.length > 1) {
        p.op('ldi', TAP, (taps * units) & 255);
        p.op('mul', index[1], TAP);
        p.op('add', Z + 1, 0);
      }
    }
  }
  const size = groups[0].length;
  const full = groups.filter((group) => group.length === size).length;
  const sums = (count: number) => Array.from({ length: count }, (_, slot) => sumOf(slot, bytes));
  const perRun = isRuns ? nonZeros(weight) / (units * pieces) : 0;
  const body = (count: number) => {
    const own = sums(count);
    own.forEach((sum, slot) => {
      sum.forEach((register, i) => {
        p.op('ldd Y', register, slot * kept!.bytes + i);
      });
    });
    if (offset === undefined) p.op('movw', X, FIRST);
    else pointTo(p, X, offset);
    if (isRuns) addRun(p, input, own[0], perRun);
    else addTaps(p, input, own, taps);
    for (const sum of own) {
      for (const register of sum) p.op('st Y+', register);
      if (bytes === kept!.bytes) continue;
      p.op('mov', TAP, sum[bytes - 1]);
      p.op('add', TAP, TAP);
      p.op('sbc', TAP, TAP);
      p.op('st Y+', TAP);
    }
  };
  p.loop(counter, full, () => body(size));
  if (full < groups.length) body(groups[full].length);
}

/** Bytes of the runs of each piece: those of all units. */
function pieceBytes(weight: Int8Array, units: number, pieces: number): number[] {
  const taps = weight.length / (units * pieces);
  const sizes: number[] = Array(pieces).fill(units);
  for (let unit = 0, at = 0; unit < units; unit++)
    for (let piece = 0; piece < pieces; piece++) for (let tap = 0; tap < taps; tap++) if (weight[at++] !== 0) sizes[piece] += 2;
  return sizes;
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
