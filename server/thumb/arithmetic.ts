import type { Program } from './program.ts';
import { A, FIRST, isHigh } from './registers.ts';

/** `register` (low) = a constant of 32 bits. Flags are lost. */
export function constant(p: Program, register: number, value: number): void {
  const size = value < 0 ? ~value >>> 0 : value;
  if (value < 0 && size < 256) {
    p.op('movs i', register, size);
    p.op('mvns', register, register);
    return;
  }
  if (value < 0 && value > -(2 ** 24)) {
    constant(p, register, -value);
    p.op('rsbs', register, register);
    return;
  }
  const bits = value >>> 0;
  const zeros = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
  const odd = bits >>> zeros;
  if (odd < 256) {
    p.op('movs i', register, odd);
    if (zeros > 0) p.op('lsls i', register, register, zeros);
    return;
  }
  if (bits < 511) {
    p.op('movs i', register, 255);
    p.op('adds i', register, bits - 255);
    return;
  }
  const bytes = [24, 16, 8, 0].map((at) => (bits >>> at) & 255);
  const first = bytes.findIndex((byte) => byte !== 0);
  p.op('movs i', register, bytes[first]);
  let pending = 0;
  for (const byte of bytes.slice(first + 1)) {
    pending += 8;
    if (byte === 0) continue;
    p.op('lsls i', register, register, pending);
    p.op('adds i', register, byte);
    pending = 0;
  }
  if (pending > 0) p.op('lsls i', register, register, pending);
}

/** `register` (low) += a constant; `temporary` (low) may be lost. */
export function addTo(p: Program, register: number, value: number, temporary = A): void {
  const size = Math.abs(value);
  if (size === 0) return;
  const mnemonic = value > 0 ? 'adds i' : 'subs i';
  if (size < 511) {
    p.op(mnemonic, register, Math.min(size, 255));
    if (size > 255) p.op(mnemonic, register, size - 255);
    return;
  }
  constant(p, temporary, size);
  p.op(value > 0 ? 'adds r' : 'subs r', register, register, temporary);
}

/** `to` (low) = `from` (low) + a constant. */
export function sum(p: Program, to: number, from: number, value: number, temporary = A): void {
  if (to === from) addTo(p, to, value, temporary);
  else if (Math.abs(value) < 8) p.op(value >= 0 ? 'adds 3' : 'subs 3', to, from, Math.abs(value));
  else {
    p.op('mov', to, from);
    addTo(p, to, value, temporary);
  }
}

/** FIRST += a constant. */
export function moveFirst(p: Program, by: number): void {
  if (by === 0) return;
  constant(p, A, by);
  p.op('add', FIRST, A);
}

/** `register` (low) *= a constant; `temporary` may be lost. */
export function multiply(p: Program, register: number, factor: number, temporary = A): void {
  const shift = Math.log2(factor);
  if (factor === 1) return;
  if (Number.isInteger(shift)) {
    p.op('lsls i', register, register, shift);
    return;
  }
  constant(p, temporary, factor);
  p.op('muls', register, temporary);
}

/** `register` (low) modulo `divisor`, for values up to `most`; `quotient` takes what is cut off. Both `temporary` registers are lost. */
export function modulo(p: Program, register: number, divisor: number, most: number, [one, other]: readonly [number, number]): void {
  if (most < divisor) return;
  const shift = Math.log2(divisor);
  if (divisor === 1) p.op('movs i', register, 0);
  else if (Number.isInteger(shift)) {
    p.op('lsls i', register, register, 32 - shift);
    p.op('lsrs i', register, register, 32 - shift);
  } else {
    divide(p, one, register, divisor, most, other);
    constant(p, other, divisor);
    p.op('muls', one, other);
    p.op('subs r', register, register, one);
  }
}

/** `to` (low) = floor(`from` / `divisor`) for values of `from` (low) from 0 to `most`, which times `divisor` is below 2^18; `temporary` is lost. */
export function divide(p: Program, to: number, from: number, divisor: number, most: number, temporary: number): void {
  const shift = Math.log2(divisor);
  if (most < divisor) p.op('movs i', to, 0);
  else if (divisor === 1) p.op('mov', to, from);
  else if (Number.isInteger(shift)) p.op('lsrs i', to, from, shift);
  else {
    // The inverse is too large by less than 2^-18, a quotient by less than 1 / divisor.
    constant(p, temporary, Math.ceil(2 ** 18 / divisor));
    p.op('mov', to, from);
    p.op('muls', to, temporary);
    p.op('lsrs i', to, to, 18);
  }
}

/** `to` += `from`, where both may be any registers. */
export function accumulate(p: Program, to: number, from: number): void {
  if (isHigh(to) || isHigh(from)) p.op('add', to, from);
  else p.op('adds r', to, to, from);
}

/** Any register = zero; `temporary` (low) is lost where it is a high one. */
export function clear(p: Program, registers: readonly number[], temporary: number): void {
  if (registers.some(isHigh)) p.op('movs i', temporary, 0);
  for (const register of registers) {
    if (isHigh(register)) p.op('mov', register, temporary);
    else p.op('movs i', register, 0);
  }
}

/** `register` (low) = the address of a table of the program. */
export function address(p: Program, register: number, table: string): void {
  const from = p.fresh();
  const byte = (which: 0 | 1 | 2) => ({ to: table, from, byte: which });
  if (p.isFar) {
    p.op('movs i', register, byte(2));
    p.op('lsls i', register, register, 8);
    p.op('adds i', register, byte(1));
  } else p.op('movs i', register, byte(1));
  p.op('lsls i', register, register, 8);
  p.op('adds i', register, byte(0));
  p.op('add', register, 15);
  p.label(from);
}
