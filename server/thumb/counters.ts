import type { Machine } from '../machine/machine.ts';
import { firstCounter } from '../machine/schedule.ts';
import { addTo, constant, multiply } from './arithmetic.ts';
import type { Program } from './program.ts';
import { A, Y } from './registers.ts';

/** A word of the stack frame: the caller's state. */
export const STATE = 'state';

/** `register` (low) = the state + `offset`. */
export function pointTo(p: Program, register: number, offset: number, temporary = A): void {
  p.load(register, STATE);
  addTo(p, register, offset, temporary);
}

/** Y = the first counter. */
export const pointToCounters = (p: Program, machine: Machine): void => pointTo(p, Y, firstCounter(machine));

/** `register` (low) = a counter, from the first that `base` (low) points to. */
export function loadCounter(p: Program, machine: Machine, register: number, name: string, base = Y): void {
  const { offset, bytes } = placeOf(machine, name);
  if (offset < 32 * bytes) p.op(bytes === 2 ? 'ldrh' : 'ldrb', register, base, offset);
  else {
    p.op('movs i', register, offset);
    p.op(bytes === 2 ? 'ldrh r' : 'ldrb r', register, base, register);
  }
}

/** A counter = `register` (low); `temporary` may be lost. */
export function storeCounter(p: Program, machine: Machine, register: number, name: string, temporary: number, base = Y): void {
  const { offset, bytes } = placeOf(machine, name);
  if (offset < 32 * bytes) p.op(bytes === 2 ? 'strh' : 'strb', register, base, offset);
  else {
    p.op('movs i', temporary, offset);
    if (bytes === 2) throw new RangeError('a wide counter lies beyond what a displacement reaches');
    p.op('strb r', register, base, temporary);
  }
}

/** Counts one up; the new count is in `register` (low). */
export function countUp(p: Program, machine: Machine, name: string, register: number, temporary: number, base = Y): void {
  loadCounter(p, machine, register, name, base);
  p.op('adds i', register, 1);
  storeCounter(p, machine, register, name, temporary, base);
}

/** `register` += a counter times a constant; nothing where there is no such counter. Both `temporary` registers are lost. */
export function addCounter(
  p: Program,
  machine: Machine,
  register: number,
  name: string,
  factor: number,
  [one, other]: readonly [number, number],
  base = Y,
): void {
  if (!machine.counters.has(name) || factor === 0) return;
  loadCounter(p, machine, one, name, base);
  multiply(p, one, Math.abs(factor), other);
  p.op(factor > 0 ? 'adds r' : 'subs r', register, register, one);
}

/** `register` (low) = a counter times a stride, plus an offset; where there is no such counter, the offset. A is lost. */
export function along(p: Program, machine: Machine, register: number, name: string, stride: number, offset: number): void {
  if (!machine.counters.has(name)) {
    constant(p, register, offset);
    return;
  }
  loadCounter(p, machine, register, name);
  multiply(p, register, stride);
  addTo(p, register, offset);
}

function placeOf(machine: Machine, name: string): { offset: number; bytes: 1 | 2 } {
  const { offset, bytes } = machine.counters.get(name)!;
  return { offset: offset - firstCounter(machine), bytes };
}
