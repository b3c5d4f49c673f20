import { outputChannel } from '../quantize/fold.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import type { Place } from './machine.ts';

/** What a sum can be. */
export type Range = { readonly least: number; readonly most: number };

/** The bias of each channel, with the part of the input's zero point: taps are then taken as they are, those beyond the border too. */
export function foldedBias(stage: QuantizedStage, { zeroPoint }: Place): number[] {
  const { weight, bias } = stage.weights!;
  const folded = [...bias];
  if (zeroPoint !== 0)
    weight.forEach((value, i) => {
      folded[outputChannel(stage, weight.length, i)] -= zeroPoint * value;
    });
  return folded;
}

/** Of all channels together, for the weights as they are: no input goes beyond. */
export function sumRange(stage: QuantizedStage, input: Place): Range {
  const { weight } = stage.weights!;
  const least = foldedBias(stage, input);
  const most = [...least];
  weight.forEach((value, i) => {
    const channel = outputChannel(stage, weight.length, i);
    least[channel] += value * (value > 0 ? input.least : input.most);
    most[channel] += value * (value > 0 ? input.most : input.least);
  });
  return { least: Math.min(...least), most: Math.max(...most) };
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
