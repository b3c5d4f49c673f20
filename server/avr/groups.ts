import { bytesOf, endsOf } from '../machine/bytes.ts';
import type { Task } from '../machine/machine.ts';
import { foldedBias, sumRange } from '../machine/range.ts';
import { plainShift, type Scaling, scalingFor } from '../machine/scaling.ts';
import { once } from '../network/once.ts';
import type { StoredBits } from '../quantize/bits.ts';
import { sumOf } from './products.ts';
import type { Program } from './program.ts';
import { COUNT, MOST_SUM_REGISTERS, TAP, TAP_ROW, Z } from './registers.ts';
import { lower, requantize, storeSum, sumBytes } from './requantize.ts';
import { liftOf } from './stretch.ts';

/** What the sums of a stage with weights need. Those that are kept from piece to piece are not lifted. */
export const sumsOf = once((task: Task): { bytes: number; lift: number; scaling?: Scaling } => {
  const { stage, inputs, folds, bits } = task;
  const lift = folds ? 0 : liftOf(bits);
  const { least, most } = sumRange(stage, inputs[0]);
  const range = { least: least * 2 ** lift, most: most * 2 ** lift };
  const scaling = scalingFor(stage, range, lift);
  return { bytes: sumBytes(range, stage.rescale?.multipliers ?? [], scaling?.shift ?? 1), lift, ...(scaling && { scaling }) };
});

/** Registers from SUMS on that hold a group's sums: requantising those of four bytes needs some. */
export const sumRegisters = (task: Task, most = MOST_SUM_REGISTERS): number =>
  Math.min(task.sumRegisters, sumsOf(task).bytes === 4 ? 8 : MOST_SUM_REGISTERS, most);

/** Groups of channels that are summed up together, of the same size but for the last. The weights of a tap fill bytes where they are many enough. */
export function groupsOf(channels: number, most: number, bits: StoredBits = 8): number[][] {
  const perByte = 8 / bits;
  const filling = Math.min(channels, most) - (Math.min(channels, most) % perByte);
  const size = bits === 8 || filling === 0 ? Math.ceil(channels / Math.ceil(channels / Math.max(1, most))) : filling;
  const all = Array.from({ length: channels }, (_, i) => i);
  return all.filter((i) => i % size === 0).map((first) => all.slice(first, first + size));
}

/** The weights of a group in the table, and how many bytes they take. */
type GroupWeights = { bytes(group: readonly number[]): number; encode(group: readonly number[]): number[] };

/**
 * Runs `body` for each group in turn, with its sums at their biases and Z at its weights, and requantises and stores them: groups of one size
 * in a loop that ends where the table of the last does.
 */
export function forGroups(
  p: Program,
  task: Task,
  groups: readonly (readonly number[])[],
  weights: GroupWeights,
  body: (sums: readonly (readonly number[])[]) => void,
): void {
  const { stage, inputs } = task;
  const { bytes, lift, scaling } = sumsOf(task);
  const bias = foldedBias(stage, inputs[0]).map((each) => each * 2 ** lift);
  const multipliers = scaling && scaling.multiplier === undefined ? stage.rescale!.multipliers : undefined;
  const table = () =>
    groups.flatMap((group) => [
      ...group.flatMap((channel) => bytesOf(bias[channel], bytes)),
      ...weights.encode(group),
      ...(multipliers ? group.flatMap((channel) => bytesOf(multipliers[channel], 2)) : []),
    ]);
  const ends = endsOf(groups.map((group) => group.length * (bytes + (multipliers ? 2 : 0)) + weights.bytes(group)));
  loop(p, groups, p.table(ends[ends.length - 1], table), ends, (size) => {
    const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
    for (const register of sums.flat()) p.op('lpm Z+', register);
    body(sums);
    if (scaling) finishGroup(p, sums, scaling);
    else
      for (const sum of sums) {
        lower(p, sum, lift);
        storeSum(p, sum, task.output.bytes);
      }
  });
}

function loop(
  p: Program,
  groups: readonly (readonly number[])[],
  table: string,
  ends: readonly number[],
  body: (size: number) => void,
): void {
  const full = groups.filter((group) => group.length === groups[0].length).length;
  p.op('ldi', Z, { label: table, byte: 0, offset: 0 });
  p.op('ldi', Z + 1, { label: table, byte: 1, offset: 0 });
  const again = p.fresh();
  p.label(again);
  p.times(full, () => {
    body(groups[0].length);
    if (full === 1) return;
    p.op('cpi', Z, { label: table, byte: 0, offset: ends[full - 1] });
    p.op('ldi', TAP, { label: table, byte: 1, offset: ends[full - 1] });
    p.op('cpc', Z + 1, TAP);
    p.branch('brne', (full - 1) / full, again);
  });
  if (full < groups.length) body(groups[full].length);
}

/** Requantises and stores a group's sums; code that is long is written once, and the sums are moved through it. */
export function finishGroup(p: Program, sums: readonly (readonly number[])[], scaling: Scaling): void {
  const finish = () => p.op('st Y+', requantize(p, sums[0], scaling));
  if (sums.length === 1) {
    finish();
    return;
  }
  if (plainShift(scaling) !== undefined) {
    for (const sum of sums) p.op('st Y+', requantize(p, sum, scaling));
    return;
  }
  // Four bytes need COUNT themselves; TAP_ROW begins anew with every group.
  const counter = sums[0].length === 4 ? TAP_ROW : COUNT;
  const again = p.fresh();
  p.op('ldi', TAP, sums.length);
  p.op('mov', counter, TAP);
  p.label(again);
  p.times(sums.length, () => {
    finish();
    sums.slice(1).forEach((sum, i) => {
      sum.forEach((register, byte) => {
        p.op('mov', sums[i][byte], register);
      });
    });
    p.op('dec', counter);
    p.branch('brne', 1 - 1 / sums.length, again);
  });
}
