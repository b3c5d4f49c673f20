import { bytesFor, type Range, scaled } from '../machine/range.ts';
import { plainShift, type Scaling } from '../machine/scaling.ts';
import { shiftOf } from '../quantize/arithmetic.ts';
import { addConstant } from './arithmetic.ts';
import type { Program } from './program.ts';
import { TAP, WEIGHT, X, ZERO } from './registers.ts';

/** Bytes for sums of a range that are requantised: those that are only shifted are rounded first. */
export function sumBytes(range: Range, multipliers: Iterable<number>, shift: number): number {
  const roundings = [...multipliers].map((multiplier) => 2 ** ((shiftOf(multiplier, shift) ?? 1) - 1));
  return Math.max(2, bytesFor({ least: range.least, most: range.most + Math.max(1, ...roundings.filter((each) => each < 2 ** 31)) }));
}

/** Shifts below this would need the lowest byte of the product. */
export const LEAST_SHIFT = 9;

/**
 * Requantises the sum in `sum` (the lowest byte first), after adding `bias`, and returns the upper register that holds the result.
 * A multiplier of the channel's own lies in the table at Z. The sum, r0, r1, r16, r17, r20, X and for four bytes r19 are lost.
 */
export function requantize(p: Program, sum: readonly number[], scaling: Scaling, bias = 0): number {
  const { multiplier, shift, range, low, high } = scaling;
  const plain = plainShift(scaling);
  if (multiplier === 0 || shift >= 16 + 8 * sum.length) {
    // Less than a half, always.
    p.op('ldi', X, Math.max(low, Math.min(high, 0)) & 255);
    return X;
  }
  if (plain !== undefined) {
    const rounding = 2 ** (plain - 1);
    const rounded = { least: range.least + rounding, most: range.most + rounding };
    const value = [X, X + 1, WEIGHT, TAP].slice(0, Math.max(bytesFor(rounded), Math.floor(plain / 8) + 1));
    if (value.length > sum.length) throw new RangeError('the sum is too narrow for its rounding');
    value.forEach((register, i) => {
      p.op('mov', register, sum[i]);
    });
    addConstant(p, value, bias + rounding);
    return settle(p, value, plain, rounded, low, high);
  }
  if (bias !== 0) addAnywhere(p, sum, bias);
  if (multiplier === undefined) {
    p.op('lpm Z+', TAP);
    p.op('lpm Z+', WEIGHT);
  } else {
    p.op('ldi', TAP, multiplier & 255);
    p.op('ldi', WEIGHT, multiplier >> 8);
  }
  const product = multiplyHigh(p, sum, shift < 17);
  const dropped = shift < 17 ? 8 : 16;
  const rest = shift - dropped;
  const before = scaled(range, scaling.largest, dropped);
  const rounding = 2 ** (rest - 1);
  const rounded = { least: before.least + rounding, most: before.most + rounding };
  const value = product.slice(0, Math.max(bytesFor(rounded), Math.floor(rest / 8) + 1));
  addConstant(p, value, rounding);
  return settle(p, value, rest, rounded, low, high);
}

function addAnywhere(p: Program, sum: readonly number[], value: number): void {
  sum.forEach((register, i) => {
    p.op('ldi', TAP, Math.floor(value / 256 ** i) & 255);
    p.op(i === 0 ? 'add' : 'adc', register, TAP);
  });
}

/** floor(sum * r17:r16 / 2^16), or / 2^8 when `finer`; the multiplier is at least 0, the sum signed. */
function multiplyHigh(p: Program, sum: readonly number[], finer: boolean): number[] {
  const top = sum.length - 1;
  const [low, high, signed] = [TAP, WEIGHT, 20];
  const first = sum[top];
  p.op('mov', signed, sum[top]);
  p.op('mul', sum[0], low);
  p.op('mov', first, 1);
  if (top === 1) p.op('mulsu', signed, high);
  else p.op('mul', sum[1], high);
  p.op('movw', X, 0);
  const add = (at: readonly number[]) => {
    p.op('add', at[0], 0);
    p.op('adc', at[1], 1);
    for (const register of at.slice(2)) p.op('adc', register, ZERO);
  };
  const addSigned = (at: readonly number[]) => {
    p.op('mulsu', signed, low);
    p.op('sbc', at[2], ZERO);
    add(at);
  };
  p.op('mul', sum[0], high);
  add([first, X, X + 1]);
  if (top === 1) {
    addSigned([first, X, X + 1]);
    return finer ? withFirst(p, first, [X, X + 1]) : [X, X + 1];
  }
  p.op('mul', sum[1], low);
  add([first, X, X + 1]);
  const fourth = top === 2 ? high : 19;
  if (top === 3) {
    p.op('mul', sum[2], high);
    p.op('add', X + 1, 0);
    p.op('mov', fourth, 1);
    p.op('adc', fourth, ZERO);
    p.op('mul', sum[2], low);
    add([X, X + 1, fourth]);
  }
  p.op('mulsu', signed, high);
  p.op('add', top === 2 ? X + 1 : fourth, 0);
  p.op('mov', high, 1);
  p.op('adc', high, ZERO);
  const result = top === 2 ? [X, X + 1, high] : [X, X + 1, fourth, high];
  addSigned(result.slice(-3));
  return finer ? withFirst(p, first, result) : result;
}

/** The lowest byte too, in a register that takes constants. */
function withFirst(p: Program, first: number, rest: readonly number[]): number[] {
  p.op('mov', TAP, first);
  return [TAP, ...rest];
}

/** Shifts a rounded value (in upper registers but r20) right by `shift` and clamps it; returns the register of the result. */
export function settle(p: Program, value: readonly number[], shift: number, range: Range, low: number, high: number): number {
  const bits = shift % 8;
  let rest = value.slice(Math.floor(shift / 8));
  const left = 8 - bits;
  const bound = 2 ** (8 * value.length - 1 - left);
  if (bits > 4 && rest.length > 1 && range.least >= -bound && range.most < bound) {
    for (let i = 0; i < left; i++)
      rest.forEach((register, at) => {
        p.op(at === 0 ? 'add' : 'adc', register, register);
      });
    rest = rest.slice(1);
  } else {
    for (let i = 0; i < bits; i++)
      [...rest].reverse().forEach((register, at) => {
        p.op(at === 0 ? 'asr' : 'ror', register);
      });
  }
  const result = scaled(range, 1, shift);
  clamp(p, rest.slice(0, Math.min(rest.length, bytesFor(result))), result, low, high);
  return rest[0];
}

/** In the same time whatever the value is; r16, unless it is one of the value's, and r20 are lost. */
function clamp(p: Program, value: readonly number[], { least, most }: Range, low: number, high: number): void {
  const [lowest, ...others] = value;
  const top = value[value.length - 1];
  if (most > high) {
    p.op('cpi', lowest, (high + 1) & 255);
    for (const register of others) compareWith(p, register, high + 1 < 0 ? 255 : 0);
    p.unless('brlt', 0.9, () => p.op('ldi', lowest, high & 255));
    // A value that was beyond keeps its upper bytes: those of a number above zero.
  }
  if (least >= low) return;
  if (low === 0) {
    p.branch('sbrc', 0.5, top, 7);
    p.times(0.5, () => p.op('ldi', lowest, 0));
    return;
  }
  p.op('cpi', lowest, low & 255);
  for (const register of others) compareWith(p, register, low < 0 ? 255 : 0);
  p.unless('brge', 0.9, () => p.op('ldi', lowest, low & 255));
}

function compareWith(p: Program, register: number, byte: number): void {
  if (byte === 0) p.op('cpc', register, ZERO);
  else {
    p.op('ldi', 20, byte);
    p.op('cpc', register, 20);
  }
}

/** Takes back what a sum was lifted by: it is a multiple of 2^lift. */
export function lower(p: Program, sum: readonly number[], lift: number): void {
  for (let i = 0; i < lift; i++)
    [...sum].reverse().forEach((register, at) => {
      p.op(at === 0 ? 'asr' : 'ror', register);
    });
}

/** Stores a sum as it is, widened to `bytes`. */
export function storeSum(p: Program, sum: readonly number[], bytes: number): void {
  for (let i = 0; i < Math.min(bytes, sum.length); i++) p.op('st Y+', sum[i]);
  if (bytes <= sum.length) return;
  p.op('mov', TAP, sum[sum.length - 1]);
  p.op('add', TAP, TAP);
  p.op('sbc', TAP, TAP);
  for (let i = sum.length; i < bytes; i++) p.op('st Y+', TAP);
}
