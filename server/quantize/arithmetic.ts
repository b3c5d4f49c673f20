import type { WeightBits } from '../network/network.ts';

/**
 * The one integer arithmetic, shared bit for bit by the interpreter, the generated C and every target.
 *
 * A real number `r` is held as an integer `q` with `r = scale * (q - zeroPoint)`. Weights are int8 in -127..127 with zero point 0 and
 * one scale per output channel; activations are int8 with zero point 0; the network's input is uint8 with the data's zero point; biases
 * and sums are int32. A sum becomes an activation by
 *
 *     q = clamp(zeroPoint + floor((sum * multiplier + 2^(shift - 1)) / 2^shift), low, high)
 *
 * with an int16 multiplier in 0..32767 per channel and one shift per stage: halves round up. The last stage is not requantised when it
 * carries weights and no ReLU: its int32 sums are the logits, all of one scale.
 *
 * A stage may have weights of fewer bits, in the ranges of `WEIGHT_LEVELS`, and a network activations of 4: -8..7, held in int8 like the others. Where
 * a network asks for scales that are powers of two, the multipliers of convolutions and dense layers are powers of two, and so are those
 * of sums, joins and means wherever their scales and areas are: then `q = (sum + 2^(n-1)) >> n` with the `n` of `shiftOf`.
 */
export const ARITHMETIC = 'int8 weights per channel, int8 activations, int32 sums, 15-bit multipliers, halves round up';

export const LARGEST_MULTIPLIER = 32767;
export const LARGEST_SHIFT = 46;
/** Of stages that sum products of multipliers (add, concat): their sums stay in int32. */
export const LARGEST_JOIN_SHIFT = 30;

/** How integers of a tensor stand for real numbers. `unsigned`: 0..255 (the input and what pooling alone made of it), else -128..127. */
export type Encoding = { readonly scale: number; readonly zeroPoint: number; readonly unsigned: boolean };

/** Multipliers that share a shift; each is `round(ratio * 2^shift)`. */
export type Rescale = { readonly multipliers: Int16Array; readonly shift: number };

/** `clamp(zeroPoint + floor((sum * multiplier + 2^(shift-1)) / 2^shift))`; exact, since the product stays below 2^53. */
export function requantize(sum: number, multiplier: number, shift: number, zeroPoint: number, low: number, high: number): number {
  const q = zeroPoint + Math.floor((sum * multiplier + 2 ** (shift - 1)) / 2 ** shift);
  return Math.max(low, Math.min(high, q));
}

/** The finest shared shift for which every ratio (>= 0) has a multiplier in 0..32767. */
export function rescale(ratios: ArrayLike<number>, largestShift = LARGEST_SHIFT): Rescale {
  let largest = 0;
  for (let i = 0; i < ratios.length; i++) largest = Math.max(largest, ratios[i]);
  let shift = largest > 0 ? Math.min(largestShift, 14 - Math.floor(Math.log2(largest))) : largestShift;
  if (Math.round(largest * 2 ** shift) > LARGEST_MULTIPLIER) shift--;
  if (shift < 1) throw new RangeError(`a ratio of ${largest} between scales is too large for a 15-bit multiplier`);
  return { multipliers: Int16Array.from(ratios, (ratio) => Math.round(ratio * 2 ** shift)), shift };
}

/** Least and largest of the integers that weights are. */
export const WEIGHT_LEVELS = { 8: [-127, 127], 4: [-7, 7], 2: [-2, 1], ternary: [-1, 1] } as const satisfies Record<
  WeightBits,
  readonly [number, number]
>;

/** Least and largest of the integers between stages. */
export const ACTIVATION_LEVELS = { 8: [-128, 127], 4: [-8, 7] } as const;

/** The smallest power of two that is no smaller, but for the rounding of logarithms. */
export const powerOfTwo = (scale: number): number => 2 ** Math.ceil(Math.log2(scale) - 1e-9);

/** Where a multiplier is a power of two, the `n` of at least 1 for which requantising is `(sum + 2^(n-1)) >> n`, exactly; else undefined. */
export function shiftOf(multiplier: number, shift: number): number | undefined {
  const n = shift - Math.log2(multiplier);
  return Number.isInteger(n) && n >= 1 ? n : undefined;
}
