import { endsOf } from '../machine/bytes.ts';
import type { Task } from '../machine/machine.ts';
import { foldedBias } from '../machine/range.ts';
import { encodeRun, nonZeros } from '../quantize/nonzeros.ts';
import { address, addTo, constant } from './arithmetic.ts';
import { forGroups, groupsOf, overGroups, padded, padding, wholeWords } from './groups.ts';
import { addRun, addSum, addTaps, beginSums } from './products.ts';
import type { Program } from './program.ts';
import { A, B, TAP, W, X, Y } from './registers.ts';
import { requantize, takesMultiplier } from './requantize.ts';
import { scalingOf } from './scaling.ts';
import { excessOf, runBytes, stepOf, summingOf, weightBytes, weightsOf, weightTable, wordOf } from './summing.ts';

/** All inputs lie side by side: emits every unit, to Y. `point` points X to the first input. */
export function dense(p: Program, task: Task, point: () => void): void {
  forGroups(p, task, piecesOf(task, 1).summing, (size) => {
    point();
    weigh(p, task, 1, size);
  });
}

/** How a dense layer takes its input in so many pieces, which are rows or pixels, or all of it. */
function piecesOf(task: Task, pieces: number) {
  const { weight } = task.stage.weights!;
  const units = task.stage.shape.channels;
  const taps = weight.length / units / pieces;
  const summing = summingOf(task, taps);
  return { taps, summing, groups: groupsOf(units, summing.most, stepOf(summing)) };
}

/** Adds the taps of a piece from X to a group's sums. */
function weigh(p: Program, task: Task, pieces: number, size: number): void {
  const { taps, summing } = piecesOf(task, pieces);
  const [input] = task.inputs;
  if (summing.form !== 'runs') {
    addTaps(p, input, summing, size, taps);
    return;
  }
  const { weight } = task.stage.weights!;
  const runs = weight.length / taps;
  let empty = 0;
  for (let from = 0; from < weight.length; from += taps) empty += Number(nonZeros(weight.subarray(from, from + taps)) === 0);
  addRun(p, input, taps, { expected: nonZeros(weight) / runs, empty: empty / runs });
}

/** W = the weights of the piece `stride` times the number in `index` (low), which is lost as A is; of the first without it. */
export function pointToPiece(p: Program, task: Task, pieces: number, index?: number, stride = 1): void {
  const { summing, groups, taps } = piecesOf(task, pieces);
  const isIndexed = index !== undefined && pieces > stride;
  if (summing.form === 'runs') {
    pointToRuns(p, task, pieces, isIndexed ? index : undefined, stride);
    return;
  }
  const bytes = groups.reduce((sum, { length }) => sum + wholeWords(weightBytes(summing, length, taps)), 0);
  const tableOf = (piece: number, group: readonly number[]) => {
    const weights = group.map((unit) => pieceOf(task, pieces, piece, unit));
    return padded(weightTable(summing, weights, task.inputs[0]));
  };
  const tables = () => Array.from({ length: pieces }, (_, piece) => groups.flatMap((group) => tableOf(piece, group))).flat();
  address(p, W, p.table(bytes * pieces, tables));
  if (!isIndexed) return;
  constant(p, A, bytes * stride);
  p.op('muls', index, A);
  p.op('adds r', W, W, index);
}

/** Runs take what they take: where those of every `stride`th piece begin is told by a table of words. */
function pointToRuns(p: Program, task: Task, pieces: number, index: number | undefined, stride: number): void {
  const units = task.stage.shape.channels;
  const runs = Array.from({ length: pieces * units }, (_, i) => pieceOf(task, pieces, Math.floor(i / units), i % units));
  const ends = endsOf(runs.map((weights) => runBytes(weights)));
  const table = p.table(ends[ends.length - 1], () => runs.flatMap((weights) => encodeRun(weights)));
  if (index !== undefined) {
    const starts = [0, ...ends].filter((_, i) => i < runs.length && i % (units * stride) === 0);
    address(
      p,
      W,
      p.table(4 * starts.length, () => starts.flatMap(wordOf)),
    );
    p.op('lsls i', index, index, 2);
    p.op('ldr r', index, W, index);
  }
  address(p, W, table);
  if (index !== undefined) p.op('adds r', W, W, index);
}

/** The weights of a channel for one piece. */
function pieceOf(task: Task, pieces: number, piece: number, unit: number): Int8Array {
  const weights = weightsOf(task, unit);
  const taps = weights.length / pieces;
  return weights.subarray(piece * taps, (piece + 1) * taps);
}

/** What the sums of a dense layer begin with that takes its input in pieces of so many taps. */
export function firstSums(task: Task, taps: number): number[] {
  const { stage, inputs } = task;
  const summing = summingOf(task, taps);
  return foldedBias(stage, inputs[0]).map((bias, unit) => bias - excessOf(summing, weightsOf(task, unit), inputs[0]));
}

/** Adds a piece of the input, the weights of which W points to, to all units' sums at Y. `point` points X to its first value. */
export function foldDense(p: Program, task: Task, pieces: number, point: () => void): void {
  const { summing, groups, taps } = piecesOf(task, pieces);
  overGroups(p, groups, (size) => {
    beginSums(p, summing, size);
    point();
    weigh(p, task, pieces, size);
    if (summing.form !== 'runs') addTo(p, W, padding(weightBytes(summing, size, taps)).length);
    for (let slot = 0; slot < size; slot++) {
      p.op('ldr', A, Y, 4 * slot);
      addSum(p, summing, size, slot, A);
      p.op('str', A, Y, 4 * slot);
    }
    addTo(p, Y, 4 * size);
  });
}

/** The sums that X points to are complete: requantises them to Y. */
export function closeDense(p: Program, task: Task): void {
  const { stage } = task;
  const scaling = scalingOf(task)!;
  const { multipliers } = stage.rescale!;
  const own = takesMultiplier(scaling) && scaling.multiplier === undefined;
  if (own)
    address(
      p,
      W,
      p.table(4 * multipliers.length, () => [...multipliers].flatMap(wordOf)),
    );
  const from = 5;
  p.op('mov', from, X);
  closeSums(p, from, stage.shape.channels, 4, () => {
    p.op('ldm', from, 1 << TAP);
    if (own) p.op('ldm', W, 1 << B);
    else if (takesMultiplier(scaling)) constant(p, B, scaling.multiplier!);
    requantize(p, TAP, X, B, scaling);
  });
}

/** Runs `body` for `count` sums of `bytes` each from `from` on, which it moves on; each leaves its result in X, which goes to Y. */
export const closeSums = (p: Program, from: number, count: number, bytes: number, body: () => void): void =>
  p.through(from, count * bytes, count, () => {
    body();
    p.op('strb', X, Y, 0);
    p.op('adds i', Y, 1);
  });
