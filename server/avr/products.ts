import type { Place } from '../machine/machine.ts';
import type { Program } from './program.ts';
import { SUMS, TAP, WEIGHT, ZERO } from './registers.ts';

/** The registers of sum `slot`, the lowest byte first. */
export const sumOf = (slot: number, bytes: number): number[] => Array.from({ length: bytes }, (_, i) => SUMS + slot * bytes + i);

/** Adds the product of the tap and the weight in their registers to a sum. */
export function addTap(p: Program, { unsigned, least }: Place, sum: readonly number[]): void {
  p.op(unsigned || least >= 0 ? 'mulsu' : 'muls', WEIGHT, TAP);
  // The product's sign is in the carry.
  for (const register of sum.slice(2)) p.op('sbc', register, ZERO);
  p.op('add', sum[0], 0);
  p.op('adc', sum[1], 1);
  for (const register of sum.slice(2)) p.op('adc', register, ZERO);
}
