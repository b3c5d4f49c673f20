import type { QuantizedStage } from '../quantize/network.ts';
import { tapsOf } from '../quantize/reach.ts';
import type { Place } from './machine.ts';

/** What a sum can be. */
export type Range = { readonly least: number; readonly most: number };

/** The bias of each channel, with the part of the input's zero point: taps are then taken as they are, those beyond the border too. */
export const foldedBias = (stage: QuantizedStage, input: Place): readonly number[] => sumsOf(stage, input).biases;

/** Of all channels together, for the weights as they are: no input goes beyond. */
export const sumRange = (stage: QuantizedStage, input: Place): Range => sumsOf(stage, input).range;

type Sums = { readonly biases: readonly number[]; readonly range: Range };

function sumsOf(stage: QuantizedStage, input: Place): Sums {
  const sums = known.get(stage) ?? addUp(stage, input);
  known.set(stage, sums);
  return sums;
}

/** A stage's input is always of one encoding. */
const known = new WeakMap<QuantizedStage, Sums>();

function addUp(stage: QuantizedStage, input: Place): Sums {
  const { bias } = stage.weights!;
  const biases: number[] = [];
  const range = { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  tapsOf(stage).forEach(({ above, below }, channel) => {
    const folded = bias[channel] - input.zeroPoint * (above + below);
    biases.push(folded);
    range.least = Math.min(range.least, folded + above * input.least + below * input.most);
    range.most = Math.max(range.most, folded + above * input.most + below * input.least);
  });
  return { biases, range };
}

/** Bytes that hold a range, two's complement. */
export function bytesFor({ least, most }: Range): number {
  let bytes = 1;
  while (least < -(2 ** (8 * bytes - 1)) || most >= 2 ** (8 * bytes - 1)) bytes++;
  return bytes;
}

/** What a sum of a range becomes by a multiplier and a shift, before it is clamped. */
export const scaled = ({ least, most }: Range, multiplier: number, shift: number): Range => ({
  least: Math.floor((least * multiplier) / 2 ** shift),
  most: Math.floor((most * multiplier) / 2 ** shift),
});
