import { type Range, scaled } from '../machine/range.ts';
import { plainShift, type Scaling } from '../machine/scaling.ts';
import { addTo, constant } from './arithmetic.ts';
import type { Program } from './program.ts';

/** Whether the multiplier has to be in a register. */
export const takesMultiplier = (scaling: Scaling): boolean => scaling.largest !== 0 && !((plainShift(scaling) ?? 32) < 32);

/** Bits of a sum that are multiplied apart from those above. */
const lowBits = (shift: number): number => Math.min(16, shift - 1);

/** Whether products of sums of this range can be made in 32 bits, in one piece or two. */
export const canRequantize = ({ largest, shift, range }: Pick<Scaling, 'largest' | 'shift' | 'range'>): boolean =>
  reach(range) * largest < 2 ** (30 + lowBits(shift));

const reach = ({ least, most }: Range): number => Math.max(-least, most + 1, 1);

/**
 * Requantises `value` into `result`, both low; `multiplier` is the low register of it, where it takes one. `value` is lost.
 */
export function requantize(p: Program, value: number, result: number, multiplier: number, scaling: Scaling): void {
  const { shift, range, largest, mostProduct = Number.POSITIVE_INFINITY, low, high } = scaling;
  const after = scaled({ least: range.least, most: range.most + 1 }, largest, shift);
  const rounded = { least: Math.min(0, after.least), most: Math.max(0, after.most + 1) };
  if (largest === 0) p.op('movs i', result, 0);
  else if (!takesMultiplier(scaling)) shiftRounded(p, result, value, plainShift(scaling)!, value);
  else if (shift < 32 && reach(range) * largest < 2 ** 31) {
    p.op('muls', value, multiplier);
    shiftRounded(p, result, value, shift, value);
  } else if (shift < 32 && low === 0 && mostProduct < 2 ** 32) {
    // What is below zero becomes zero anyway; the rest needs no sign.
    if (range.least < 0) {
      p.op('asrs i', result, value, 31);
      p.op('bics', value, result);
    }
    p.op('muls', value, multiplier);
    shiftRounded(p, result, value, shift, value, 'lsrs i');
    clamp(p, result, value, { least: 0, most: rounded.most }, low, high);
    return;
  } else {
    const bits = lowBits(shift);
    p.op('asrs i', result, value, bits);
    if (bits === 16) p.op('uxth', value, value);
    else {
      p.op('lsls i', value, value, 32 - bits);
      p.op('lsrs i', value, value, 32 - bits);
    }
    p.op('muls', value, multiplier);
    p.op('muls', result, multiplier);
    p.op('lsrs i', value, value, bits);
    p.op('adds r', result, result, value);
    shiftRounded(p, result, result, shift - bits, value);
  }
  clamp(p, result, value, rounded, low, high);
}

/** The last bit that is shifted out is in the carry, and rounds; `temporary` is lost. */
function shiftRounded(
  p: Program,
  result: number,
  value: number,
  shift: number,
  temporary: number,
  by: 'asrs i' | 'lsrs i' = 'asrs i',
): void {
  p.op(by, result, value, shift);
  p.op('movs i', temporary, 0);
  p.op('adcs', result, temporary);
}

/** In nearly the same time whatever the value is; `temporary` is lost. */
export function clamp(p: Program, value: number, temporary: number, { least, most }: Range, low: number, high: number): void {
  if (low === -128 && high === 127) {
    if (least >= low && most <= high) return;
    p.op('sxtb', temporary, value);
    p.op('cmp', temporary, value);
    p.unless('beq', 0.97, () => {
      p.op('asrs i', value, value, 31);
      p.op('movs i', temporary, 127);
      p.op('eors', value, temporary);
    });
    return;
  }
  // From zero on the lowest is one without a bit above.
  const isRaised = low !== 0 && least < low;
  if (isRaised) addTo(p, value, -low, temporary);
  const from = isRaised ? low : 0;
  if (least < low) {
    p.op('asrs i', temporary, value, 31);
    p.op('bics', value, temporary);
  }
  if (most > high) {
    if (high - from >= 0 && high - from < 256) {
      p.op('cmp i', value, high - from);
      p.unless('ble', 0.9, () => p.op('movs i', value, high - from));
    } else {
      constant(p, temporary, high - from);
      p.op('cmp', value, temporary);
      p.unless('ble', 0.9, () => p.op('mov', value, temporary));
    }
  }
  if (isRaised) addTo(p, value, low, temporary);
}
