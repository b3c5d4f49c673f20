import type { Place } from '../machine/machine.ts';
import type { StoredBits } from '../quantize/nonzeros.ts';
import { addTo } from './arithmetic.ts';
import { COUNT, TAP, WEIGHT, Z } from './machine.ts';
import { addTap } from './products.ts';
import type { Program } from './program.ts';

/**
 * Weights of 4 and 2 bits are taken as the upper bits of a byte of which the others are zero: no shift brings their sign down, and products
 * and sums are 2^liftOf what they are. Biases go along with them, and the shift that ends a sum makes up for it.
 */
export const liftOf = (bits: StoredBits): number => 8 - bits;

/** Of the upper bits of a byte. */
export const weightMask = (bits: 4 | 2): number => 256 - 2 ** (8 - bits);

/** Of the lower. */
export const stepMask = (bits: 4 | 2): number => 2 ** (8 - bits) - 1;

/** A stretch of taps in a table: as many weights as there are sums for each tap, in rounds after which weights begin a byte anew. */
export type Stretch = { readonly taps: number; readonly sums: number; readonly bits: StoredBits };

export const stretchBytes = (stretch: Stretch): number => roundsOf(stretch) * roundBytes(stretch);

/** The weights of a stretch in their order: for the first tap those of each sum, and so on. */
export const packStretch = (weights: readonly number[], stretch: Stretch): number[] => packed(weights, stretch.bits, stretchBytes(stretch));

/** The first weight of a byte has its upper bits. */
export function packed(weights: readonly number[], bits: StoredBits, size = Math.ceil((weights.length * bits) / 8)): number[] {
  const bytes: number[] = Array(size).fill(0);
  weights.forEach((weight, i) => {
    bytes[Math.floor((i * bits) / 8)] |= ((weight << (8 - bits)) & 255) >> ((i * bits) % 8);
  });
  return bytes;
}

/** For the taps of a stretch from X: each is multiplied by as many weights from the table as there are sums. */
export function addTaps(p: Program, input: Place, sums: readonly (readonly number[])[], taps: number, bits: StoredBits): void {
  const stretch = { taps, sums: sums.length, bits };
  const perRound = tapsPerRound(stretch);
  const rest = taps % perRound;
  if (taps >= perRound) p.loop(COUNT, Math.floor(taps / perRound), () => takeTaps(p, input, sums, perRound, bits));
  if (rest === 0) return;
  takeTaps(p, input, sums, rest, bits);
  addTo(p, Z, roundBytes(stretch) - Math.floor((rest * sums.length * bits) / 8));
}

/** As if all taps of so many stretches were `tap`; X stays. */
export function addConstantTaps(
  p: Program,
  input: Place,
  sums: readonly (readonly number[])[],
  stretch: Stretch,
  { tap, stretches }: { readonly tap: number; readonly stretches: number },
): void {
  p.op('ldi', TAP, tap & 255);
  // What fills a round up is zero.
  p.loop(COUNT, stretches * roundsOf(stretch), () => takeTaps(p, input, sums, tapsPerRound(stretch), stretch.bits, true));
}

/** Weights of 8 bits begin a byte after each tap. */
function tapsPerRound({ sums, bits }: Stretch): number {
  for (let taps = 1; ; taps++) if ((taps * sums * bits) % 8 === 0) return taps;
}

const roundsOf = (stretch: Stretch): number => Math.ceil(stretch.taps / tapsPerRound(stretch));
const roundBytes = (stretch: Stretch): number => (tapsPerRound(stretch) * stretch.sums * stretch.bits) / 8;

function takeTaps(p: Program, input: Place, sums: readonly (readonly number[])[], taps: number, bits: StoredBits, isLoaded = false): void {
  for (let tap = 0; tap < taps; tap++) {
    if (!isLoaded) p.op('ld X+', TAP);
    sums.forEach((sum, slot) => {
      loadWeight(p, bits, tap * sums.length + slot);
      addTap(p, input, sum);
    });
  }
}

/** WEIGHT = the `i`th weight from a byte's begin on, which Z points to: Z moves on behind the last of a byte. */
export function loadWeight(p: Program, bits: StoredBits, i: number): void {
  p.op(((i + 1) * bits) % 8 === 0 ? 'lpm Z+' : 'lpm', WEIGHT);
  if (bits === 8) return;
  let shift = (i * bits) % 8;
  if (shift >= 4) {
    p.op('swap', WEIGHT);
    shift -= 4;
  }
  for (; shift > 0; shift--) p.op('add', WEIGHT, WEIGHT);
  p.op('andi', WEIGHT, weightMask(bits));
}
