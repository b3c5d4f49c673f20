import { sumRange } from '../machine/range.ts';
import { COUNT, TAP, TAP_ROW, type Task, Z } from './machine.ts';
import type { Program } from './program.ts';
import { plainShift, requantize, type Scaling, storeSum, sumBytes } from './requantize.ts';

/** What the sums of a stage with weights need. */
export function sumsOf({ stage, inputs: [input] }: Task): { bytes: number; scaling?: Scaling } {
  const range = sumRange(stage, input);
  const { rescale, low, high } = stage;
  if (!rescale) return { bytes: sumBytes(range, [], 1) };
  const { multipliers, shift } = rescale;
  const uniform = multipliers.every((each) => each === multipliers[0]) ? multipliers[0] : undefined;
  const scaling = { multiplier: uniform, largest: Math.max(...multipliers), shift, range, low, high };
  return { bytes: sumBytes(range, multipliers, shift), scaling };
}

/** Groups of channels that are summed up together, of the same size but for the last. */
export function groupsOf(channels: number, most: number): number[][] {
  const size = Math.ceil(channels / Math.ceil(channels / Math.max(1, most)));
  const all = Array.from({ length: channels }, (_, i) => i);
  return all.filter((i) => i % size === 0).map((first) => all.slice(first, first + size));
}

/** Runs `body` for each group in turn: those of one size in a loop that ends where the table of the last does. */
export function forGroups(
  p: Program,
  groups: readonly (readonly number[])[],
  table: string,
  ends: readonly number[],
  body: (size: number) => void,
) {
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

/** Loads the biases of a group's sums from the table. */
export function loadBiases(p: Program, sums: readonly (readonly number[])[]): void {
  for (const register of sums.flat()) p.op('lpm Z+', register);
}

/** Requantises and stores a group's sums; code that is long is written once, and the sums are moved through it. */
export function finishGroup(p: Program, { output }: Task, sums: readonly (readonly number[])[], scaling: Scaling | undefined): void {
  if (!scaling) {
    for (const sum of sums) storeSum(p, sum, output.bytes);
    return;
  }
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

/** Where each group's part of a table ends, whose members take so many bytes. */
export const endsOf = (groups: readonly (readonly number[])[], each: number): number[] => sumsTo(groups.map(({ length }) => length * each));

export const sumsTo = (sizes: readonly number[]): number[] => {
  let sum = 0;
  return sizes.map((size) => (sum += size));
};
