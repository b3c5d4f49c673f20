import type { Task } from '../machine/machine.ts';
import { foldedBias } from '../machine/range.ts';
import type { Scaling } from '../machine/scaling.ts';
import { address, addTo } from './arithmetic.ts';
import { addSum, beginSums } from './products.ts';
import type { Program } from './program.ts';
import { A, B, W, X, Y } from './registers.ts';
import { requantize, takesMultiplier } from './requantize.ts';
import { scalingOf } from './scaling.ts';
import { excessOf, runBytes, type Summing, stepOf, weightBytes, weightsOf, weightTable, wordOf } from './summing.ts';

/** Groups of channels that are summed up together, of the same size but for the last; a multiple of `step`, so that pairs are full. */
export function groupsOf(channels: number, most: number, step = 1): number[][] {
  const size = Math.ceil(channels / Math.ceil(channels / most) / step) * step;
  const all = Array.from({ length: channels }, (_, i) => i);
  return all.filter((i) => i % size === 0).map((first) => all.slice(first, first + size));
}

/**
 * Runs `body` for each group of a stage's channels in turn, with its sums begun and W at its weights, which `body` moves it behind, and
 * finishes the sums; `after` that, what else a group needs.
 */
export function forGroups(p: Program, task: Task, summing: Summing, body: (size: number) => void, after?: (size: number) => void): void {
  const { stage, inputs } = task;
  const { channels } = stage.shape;
  const taps = stage.weights!.weight.length / channels;
  const scaling = scalingOf(task);
  const groups = groupsOf(channels, summing.most, stepOf(summing));
  const weightsIn = (group: readonly number[]) => group.map((channel) => weightsOf(task, channel));
  const bytes = groups.map((group) => {
    const own = summing.form === 'runs' ? runBytes(weightsIn(group)[0]) : weightBytes(summing, group.length, taps);
    return wholeWords(own) + channelBytes(group, scaling);
  });
  const table = p.table(
    bytes.reduce((sum, each) => sum + each, 0),
    () =>
      groups.flatMap((group) => [
        ...padded(weightTable(summing, weightsIn(group), inputs[0])),
        ...channelWords(task, group, scaling, summing),
      ]),
  );
  address(p, W, table);
  overGroups(p, groups, (size) => {
    beginSums(p, summing, size);
    body(size);
    if (summing.form === 'runs') toWholeWord(p, W);
    else addTo(p, W, padding(weightBytes(summing, size, taps)).length);
    finishGroup(p, summing, size, scaling);
    after?.(size);
  });
}

/** Runs `body` for each group in turn, those of one size in a loop. */
export function overGroups(p: Program, groups: readonly (readonly number[])[], body: (size: number) => void): void {
  const full = groups.filter((group) => group.length === groups[0].length).length;
  p.loop('groups', full, () => body(groups[0].length));
  if (full < groups.length) body(groups[full].length);
}

/** What stands in the table behind a group's weights: of each channel a word of the bias and, where it takes one, of the multiplier. */
export function channelWords(task: Task, group: readonly number[], scaling: Scaling | undefined, summing: Summing): number[] {
  const { stage, inputs } = task;
  const [input] = inputs;
  const bias = foldedBias(stage, input);
  const wordOfBias = (channel: number) => wordOf(bias[channel] - excessOf(summing, weightsOf(task, channel), input));
  const isScaled = scaling && takesMultiplier(scaling);
  return group.flatMap((channel) => [...wordOfBias(channel), ...(isScaled ? wordOf(stage.rescale!.multipliers[channel]) : [])]);
}

/** Bytes of it. */
export const channelBytes = (group: readonly number[], scaling: Scaling | undefined): number =>
  group.length * (scaling && takesMultiplier(scaling) ? 8 : 4);

/** Bytes that fill a table of so many up to a whole word. */
export const padding = (bytes: number): number[] => Array(-bytes & 3).fill(0);

export const padded = (bytes: readonly number[]): number[] => [...bytes, ...padding(bytes.length)];

export const wholeWords = (bytes: number): number => bytes + padding(bytes).length;

/** `register` (low) goes up to a multiple of four. */
function toWholeWord(p: Program, register: number): void {
  p.op('adds i', register, 3);
  p.op('lsrs i', register, register, 2);
  p.op('lsls i', register, register, 2);
}

/** Finishes a group's sums by the words at W, and stores them from Y on, which moves on. */
function finishGroup(p: Program, summing: Summing, size: number, scaling: Scaling | undefined): void {
  const words = (1 << A) | (scaling && takesMultiplier(scaling) ? 1 << B : 0);
  for (let slot = 0; slot < size; slot++) {
    p.op('ldm', W, words);
    addSum(p, summing, size, slot, A);
    if (scaling) {
      requantize(p, A, X, B, scaling);
      p.op('strb', X, Y, slot);
    } else p.op('str', A, Y, 4 * slot);
  }
  addTo(p, Y, scaling ? size : 4 * size);
}
