import { outputChannel } from '../quantize/fold.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import type { Place } from './machine.ts';

/** What a sum can be. */
export type Range = { readonly least: number; readonly most: number };

/** The bias of each channel, with the part of the input's zero point: taps are then taken as they are, those beyond the border too. */
export function foldedBias(stage: QuantizedStage, { zeroPoint }: Place): number[] {
  const { weight, bias } = stage.weights!;
  const folded = [...bias];
  if (zeroPoint !== 0) for (let i = 0; i < weight.length; i++) folded[outputChannel(stage, weight.length, i)] -= zeroPoint * weight[i];
  return folded;
}

/** Of all channels together, for the weights as they are: no input goes beyond. */
export function sumRange(stage: QuantizedStage, input: Place): Range {
  const known = ranges.get(stage) ?? rangeOf(stage, input);
  ranges.set(stage, known);
  return known;
}

/** A stage's input is always of one encoding. */
const ranges = new WeakMap<QuantizedStage, Range>();

function rangeOf(stage: QuantizedStage, input: Place): Range {
  const { weight } = stage.weights!;
  const { channels } = stage.shape;
  // Channels come last in a depthwise weight and first in the others.
  const [begin, step] = stage.op === 'depthwise' ? [1, channels] : [weight.length / channels, 1];
  const count = weight.length / channels;
  const range = { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  foldedBias(stage, input).forEach((bias, channel) => {
    let least = bias;
    let most = bias;
    for (let i = 0, at = channel * begin; i < count; i++, at += step) {
      const value = weight[at];
      least += value * (value > 0 ? input.least : input.most);
      most += value * (value > 0 ? input.most : input.least);
    }
    range.least = Math.min(range.least, least);
    range.most = Math.max(range.most, most);
  });
  return range;
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
