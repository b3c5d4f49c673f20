import { foldedBias } from '../machine/range.ts';
import { type Walk, walkOf } from '../machine/walk.ts';
import { encodeRun, nonZeros } from '../quantize/nonzeros.ts';
import { addTo } from './arithmetic.ts';
import { fromCode } from './code.ts';
import { endsOf, finishGroup, forGroups, groupsOf, loadBiases, sumsOf, sumsTo } from './groups.ts';
import { FIRST, MOST_SUM_REGISTERS, SUMS, type Task, X, Z } from './machine.ts';
import { addRun, addTaps, bytesOf, runBytes, sumOf } from './products.ts';
import type { Program } from './program.ts';
import { tracksColumns, walkWindow, wrap } from './walk.ts';

/** Emits the convolution of one window, from FIRST to Y, which moves on; its table is written behind the program. */
export function convolution(p: Program, task: Task): void {
  if (task.weights === 'code') fromCode(p, task);
  else if (task.weights === 'runs') fromRuns(p, task);
  else fromTable(p, task);
}

/** Registers from SUMS on that hold sums; fewer where a window's place is kept beside them. */
const registersFor = (walk: Walk, { sumRegisters }: Task): number =>
  Math.min(sumRegisters, walk.clippedY || tracksColumns(walk, 'row') ? 9 : MOST_SUM_REGISTERS);

function fromTable(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { bytes, scaling } = sumsOf(task);
  const registers = Math.min(registersFor(walk, task), bytes === 4 ? 8 : MOST_SUM_REGISTERS);
  const groups = groupsOf(stage.shape.channels, Math.floor(registers / bytes));
  const bias = foldedBias(stage, input);
  const { weight } = stage.weights!;
  const taps = weight.length / bias.length;
  const multipliers = scaling && scaling.multiplier === undefined ? stage.rescale!.multipliers : undefined;
  const tables = () =>
    groups.map((group) => [
      ...group.flatMap((filter) => bytesOf(bias[filter], bytes)),
      ...Array.from({ length: taps }, (_, tap) => group.map((filter) => weight[filter * taps + tap] & 255)).flat(),
      ...(multipliers ? group.flatMap((filter) => bytesOf(multipliers[filter], 2)) : []),
    ]);
  const perFilter = bytes + taps + (multipliers ? 2 : 0);
  const table = p.table(perFilter * bias.length, () => tables().flat());
  forGroups(p, groups, table, endsOf(groups, perFilter), (size) => {
    const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
    loadBiases(p, sums);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'row',
      visit: (count) => addTaps(p, input, sums, count),
      absent: (count) => (input.zeroPoint === 0 ? addTo(p, Z, count * size) : addTaps(p, input, sums, count, input.zeroPoint)),
    });
    finishGroup(p, task, sums, scaling);
  });
}

/** Only the weights that are not zero, a filter at a time. Rows of taps lie side by side, and none hangs over the border from left to right. */
function fromRuns(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { kernelY, kernelX } = stage.window!;
  const { bytes, scaling } = sumsOf(task);
  const bias = foldedBias(stage, input);
  const { weight } = stage.weights!;
  const length = kernelX * input.channels;
  const multipliers = scaling && scaling.multiplier === undefined ? stage.rescale!.multipliers : undefined;
  const filters = () =>
    bias.map((value, filter) => [
      ...bytesOf(value, bytes),
      ...Array.from({ length: kernelY }, (_, ky) =>
        encodeRun(weight.subarray((filter * kernelY + ky) * length, (filter * kernelY + ky + 1) * length)),
      ).flat(),
      ...(multipliers ? bytesOf(multipliers[filter], 2) : []),
    ]);
  const expected = nonZeros(weight) / (weight.length / length);
  const taps = kernelY * length;
  const ends = sumsTo(
    bias.map((_, filter) => bytes + runBytes(weight.subarray(filter * taps, (filter + 1) * taps), kernelY) + (multipliers ? 2 : 0)),
  );
  const table = p.table(ends[ends.length - 1], () => filters().flat());
  const sum = sumOf(0, bytes);
  const begin = SUMS + 6;
  const inPixels = walk.ring === 'pixels';
  forGroups(p, groupsOf(bias.length, 1), table, ends, () => {
    loadBiases(p, [sum]);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'standing row',
      visit() {
        p.op('movw', begin, X);
        addRun(p, input, sum, expected, inPixels ? () => wrap(p, walk) : undefined);
        p.op('movw', X, begin);
      },
      absent: () => addRun(p, input, sum, expected, undefined, input.zeroPoint),
    });
    finishGroup(p, task, [sum], scaling);
  });
}
