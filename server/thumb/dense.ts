import type { Task } from '../machine/machine.ts';
import { foldedBias } from '../machine/range.ts';
import { address, addTo, constant } from './arithmetic.ts';
import { channelBytes, channelWords, finishGroup, forGroups, groupsOf, overGroups, padding, scalingOf } from './groups.ts';
import { addSum, addTaps, beginSums, excessOf, stepOf, summingOf, weightBytes, weightsOf, weightTable, wordOf } from './products.ts';
import type { Program } from './program.ts';
import { A, B, END, TAP, W, X, Y } from './registers.ts';
import { requantize, takesMultiplier } from './requantize.ts';

/** All inputs lie side by side: emits every unit, to Y. `point` points X to the first input. */
export function dense(p: Program, task: Task, point: () => void): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const scaling = scalingOf(task);
  const taps = stage.weights!.weight.length / stage.shape.channels;
  const summing = summingOf(task, taps, taps, true);
  const groups = groupsOf(stage.shape.channels, summing.most, stepOf(summing));
  const fill = (size: number) => padding(weightBytes(summing, size, taps));
  const bytes = groups.map((group) => weightBytes(summing, group.length, taps) + fill(group.length).length + channelBytes(group, scaling));
  const tables = () =>
    groups.flatMap((group) => [
      ...weightTable(
        summing,
        group.map((unit) => weightsOf(task, unit)),
        input,
      ),
      ...fill(group.length),
      ...channelWords(task, group, scaling, summing),
    ]);
  const table = p.table(
    bytes.reduce((total, each) => total + each, 0),
    tables,
  );
  forGroups(p, groups, table, (size) => {
    beginSums(p, summing, size);
    point();
    addTaps(p, input, summing, size, taps);
    addTo(p, W, fill(size).length);
    finishGroup(p, summing, size, scaling);
  });
}

/** Bytes of the weights of one piece of a dense layer's input: of a row or of a pixel, one of `pieces`. */
export function pieceBytes(task: Task, pieces: number): number {
  const { weight } = task.stage.weights!;
  const units = task.stage.shape.channels;
  const taps = weight.length / units / pieces;
  const summing = summingOf(task, taps, taps, true);
  return groupsOf(units, summing.most, stepOf(summing)).reduce((sum, group) => {
    const bytes = weightBytes(summing, group.length, taps);
    return sum + bytes + padding(bytes).length;
  }, 0);
}

/** W = the weights of the piece whose number is in `index` (low), which is lost as A is; of the first without it. */
export function pointToPiece(p: Program, task: Task, pieces: number, index?: number): void {
  const { weight } = task.stage.weights!;
  const units = task.stage.shape.channels;
  const taps = weight.length / units / pieces;
  const summing = summingOf(task, taps, taps, true);
  const groups = groupsOf(units, summing.most, stepOf(summing));
  const bytes = pieceBytes(task, pieces);
  const tables = () =>
    Array.from({ length: pieces }, (_, piece) =>
      groups.flatMap((group) => {
        const table = weightTable(
          summing,
          group.map((unit) => weightsOf(task, unit).subarray(piece * taps, (piece + 1) * taps)),
          task.inputs[0],
        );
        return [...table, ...padding(table.length)];
      }),
    ).flat();
  address(p, W, p.table(bytes * pieces, tables));
  if (index === undefined || pieces === 1) return;
  constant(p, A, bytes);
  p.op('muls', index, A);
  p.op('adds r', W, W, index);
}

/** What the sums of a dense layer begin with that takes its input in pieces of so many taps. */
export function firstSums(task: Task, taps: number): number[] {
  const { stage, inputs } = task;
  const summing = summingOf(task, taps, taps, true);
  return foldedBias(stage, inputs[0]).map((bias, unit) => bias - excessOf(summing, weightsOf(task, unit), inputs[0]));
}

/** Adds a piece of the input, the weights of which W points to, to all units' sums at Y. `point` points X to its first value. */
export function foldDense(p: Program, task: Task, pieces: number, point: () => void): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const taps = stage.weights!.weight.length / stage.shape.channels / pieces;
  const summing = summingOf(task, taps, taps, true);
  overGroups(p, groupsOf(stage.shape.channels, summing.most, stepOf(summing)), (size) => {
    beginSums(p, summing, size);
    point();
    addTaps(p, input, summing, size, taps);
    addTo(p, W, padding(weightBytes(summing, size, taps)).length);
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
export function closeSums(p: Program, from: number, count: number, bytes: number, body: () => void): void {
  const again = p.fresh();
  if (count > 1) {
    constant(p, A, count * bytes);
    p.op('adds r', A, A, from);
    p.op('mov', END, A);
    p.label(again);
  }
  p.times(count, () => {
    body();
    p.op('strb', X, Y, 0);
    p.op('adds i', Y, 1);
    if (count === 1) return;
    p.op('cmp h', from, END);
    p.branch('bne', (count - 1) / count, again);
  });
}
