import { outputChannel } from '../quantize/fold.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import type { CTensor } from './context.ts';

/** What a sum or a value can reach, from the weights as they are: no sample goes beyond. */
export type Bounds = {
  /** |sum| at any point of its making. */
  readonly sum: number;
  /** |sum * multiplier / 2^16|. */
  readonly high: number;
};

/** A sum of 24 bits holds less than this. */
const REACH_24 = 2 ** 23;

/** Bounds of a stage with weights whose taps reach `largestTap`; `bias` is the one that its sums begin with. */
export function boundsOf(stage: QuantizedStage, bias: ArrayLike<number>, largestTap: number): Bounds {
  const { weight } = stage.weights!;
  const sums = Float64Array.from(bias, Math.abs);
  weight.forEach((value, i) => {
    sums[outputChannel(stage, weight.length, i)] += Math.abs(value) * largestTap;
  });
  const high = stage.rescale
    ? sums.reduce((most, sum, channel) => Math.max(most, sum * stage.rescale!.multipliers[channel]), 0) / 2 ** 16
    : 0;
  return { sum: Math.max(...sums), high: Math.ceil(high) };
}

export const fits24 = ({ sum }: Bounds): boolean => sum < REACH_24;

/** The farthest that an element of a tensor lies from `from`. */
export function largestTap({ type, nonNegative }: CTensor, from: number): number {
  if (type === 'uint8_t') return Math.max(from, 255 - from);
  return nonNegative ? 127 : 128;
}

/** What a sum or a value can be, from the weights as they are. */
export type Range = { readonly least: number; readonly most: number };

/** Of a sum that begins with `bias` and adds `weights` times elements of `input`, taken as they are. */
export function rangeOf({ type, nonNegative }: CTensor, bias: number, weights: ArrayLike<number>): Range {
  const [low, high] = type === 'uint8_t' ? [0, 255] : [nonNegative ? 0 : -128, 127];
  let [least, most] = [bias, bias];
  for (let i = 0; i < weights.length; i++) {
    least += Math.min(weights[i] * low, weights[i] * high);
    most += Math.max(weights[i] * low, weights[i] * high);
  }
  return { least, most };
}
