import { nonZeros } from '../quantize/nonzeros.ts';
import { COUNT, type Place, SUMS, TAP, WEIGHT, X, ZERO } from './machine.ts';
import type { Program } from './program.ts';

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

/** For `taps` taps from X: each is multiplied by as many weights from the table as there are sums. `tap`: all are that, and X stays. */
export function addTaps(p: Program, input: Place, sums: readonly (readonly number[])[], taps: number, tap?: number): void {
  if (tap !== undefined) p.op('ldi', TAP, tap & 255);
  p.loop(COUNT, taps, () => {
    if (tap === undefined) p.op('ld X+', TAP);
    for (const sum of sums) {
      p.op('lpm Z+', WEIGHT);
      addTap(p, input, sum);
    }
  });
}

/**
 * For a run in the table: the number of its non-zero weights, then for each the step from the one before and the weight. X points to the
 * run's first tap; `afterStep` brings it back into its ring. COUNT is lost.
 */
export function addRun(p: Program, input: Place, sum: readonly number[], expected: number, afterStep?: () => void, tap?: number): void {
  const again = p.fresh();
  const none = p.fresh();
  if (tap !== undefined) p.op('ldi', TAP, tap & 255);
  p.op('lpm Z+', COUNT);
  p.op('and', COUNT, COUNT);
  p.branch('breq', 1 / (1 + 3 * expected), none);
  p.label(again);
  p.times(expected, () => {
    p.op('lpm Z+', WEIGHT);
    if (tap === undefined) {
      p.op('add', X, WEIGHT);
      p.op('adc', X + 1, ZERO);
      afterStep?.();
      p.op('ld X', TAP);
    }
    p.op('lpm Z+', WEIGHT);
    addTap(p, input, sum);
    p.op('dec', COUNT);
    p.branch('brne', Math.max(0, 1 - 1 / Math.max(1, expected)), again);
  });
  p.label(none);
}

/** Bytes of so many runs of these weights. */
export const runBytes = (weights: Int8Array, runs: number): number => runs + 2 * nonZeros(weights);

/** A number's bytes, the lowest first. */
export const bytesOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** i) & 255);
