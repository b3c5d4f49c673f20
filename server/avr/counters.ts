import type { Machine } from '../machine/machine.ts';
import { firstCounter } from '../machine/schedule.ts';
import { addProduct, addTo, pointTo } from './arithmetic.ts';
import type { Program } from './program.ts';
import { KERNEL_ROWS, TAP, Y } from './registers.ts';

/** How far a counter lies from where `pointToCounters` points. */
export const displacement = (machine: Machine, name: string): number => machine.counters.get(name)!.offset - firstCounter(machine);

export const pointToCounters = (p: Program, machine: Machine): void => pointTo(p, Y, firstCounter(machine));

/** The lower byte of a counter, or the upper. Flags may be lost. */
export function loadCounter(p: Program, machine: Machine, register: number, name: string, byte = 0): void {
  reach(p, displacement(machine, name) + byte, (at) => p.op('ldd Y', register, at));
}

/** Sets the lower byte of a counter, or the upper. Flags may be lost. */
export function storeCounter(p: Program, machine: Machine, register: number, name: string, byte = 0): void {
  reach(p, displacement(machine, name) + byte, (at) => p.op('std Y', register, at));
}

/** The most that instructions displace by. */
export const FARTHEST = 63;

/** Y goes to counters that lie beyond what instructions reach, and comes back. */
function reach(p: Program, displacement: number, access: (at: number) => void): void {
  const beyond = Math.max(0, displacement - FARTHEST);
  addTo(p, Y, beyond);
  access(displacement - beyond);
  addTo(p, Y, -beyond);
}

/** `pair` += a counter times a constant; nothing where there is no such counter. r16, r17 and Y's place stay as they are but r16 is lost. */
export function addCounter(p: Program, machine: Machine, pair: number, name: string, factor: number): void {
  const counter = machine.counters.get(name);
  if (!counter || factor === 0) return;
  const register = 17;
  const size = Math.abs(factor);
  loadCounter(p, machine, register, name);
  addProduct(p, pair, register, factor);
  if (counter.bytes === 1) return;
  loadCounter(p, machine, register, name, 1);
  p.op('ldi', TAP, size & 255);
  p.op('mul', register, TAP);
  p.op(factor > 0 ? 'add' : 'sub', pair + 1, 0);
}

/** `register` = a counter times a stride, plus an offset; where there is no such counter, the offset. r16 may be lost. */
export function along(p: Program, machine: Machine, register: number, name: string, stride: number, offset: number): void {
  if (!machine.counters.has(name)) {
    p.op('ldi', register, offset & 255);
    return;
  }
  loadCounter(p, machine, register, name);
  if (stride === 2) p.op('add', register, register);
  else if (stride > 2) {
    p.op('ldi', KERNEL_ROWS, stride);
    p.op('mul', register, KERNEL_ROWS);
    p.op('mov', register, 0);
  }
  if (offset !== 0) p.op('subi', register, -offset & 255);
}
