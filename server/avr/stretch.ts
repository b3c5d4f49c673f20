import type { Place, Task } from '../machine/machine.ts';
import type { StoredBits } from '../quantize/bits.ts';
import { addTo } from './arithmetic.ts';
import { addTap } from './products.ts';
import type { Program } from './program.ts';
import { COUNT, TAP, WEIGHT, Z } from './registers.ts';
import { addBySign, extendTap, type Signs, signsOf } from './signs.ts';

/**
 * Weights of 4 bits are taken as the upper bits of a byte of which the others are zero: no shift brings their sign down, and products and
 * sums are 2^liftOf what they are. Biases go along with them, and the shift that ends a sum makes up for it. Those of 2 bits need no product.
 */
export const liftOf = (bits: StoredBits): number => (bits === 4 ? 4 : 0);

/** How the weights of a table are read: `signs` of those of 2 bits. */
export type Reading = { readonly bits: StoredBits; readonly signs?: Signs };

export const readingOf = ({ stage, bits }: Task): Reading => (bits === 2 ? { bits, signs: signsOf(stage.weights!.weight) } : { bits });

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

type Sums = readonly (readonly number[])[];

/** For the taps of a stretch from X: each is multiplied by as many weights from the table as there are sums. */
export function addTaps(p: Program, input: Place, sums: Sums, taps: number, reading: Reading): void {
  const { bits } = reading;
  const stretch = { taps, sums: sums.length, bits };
  const perRound = tapsPerRound(stretch);
  const rest = taps % perRound;
  if (taps >= perRound) p.loop(COUNT, Math.floor(taps / perRound), () => takeTaps(p, input, sums, perRound, reading));
  if (rest === 0) return;
  takeTaps(p, input, sums, rest, reading);
  addTo(p, Z, roundBytes(stretch) - passedBytes(rest * sums.length, bits));
}

/** As if all taps of so many stretches were `tap`; X stays. */
export function addConstantTaps(
  p: Program,
  input: Place,
  sums: Sums,
  reading: Reading,
  { taps, tap, stretches }: { readonly taps: number; readonly tap: number; readonly stretches: number },
): void {
  const stretch = { taps, sums: sums.length, bits: reading.bits };
  p.op('ldi', TAP, tap & 255);
  // What fills a round up is zero.
  p.loop(COUNT, stretches * roundsOf(stretch), () => takeTaps(p, input, sums, tapsPerRound(stretch), reading, true));
}

/** Weights of 8 bits begin a byte after each tap. */
function tapsPerRound({ sums, bits }: Stretch): number {
  for (let taps = 1; ; taps++) if ((taps * sums * bits) % 8 === 0) return taps;
}

const roundsOf = (stretch: Stretch): number => Math.ceil(stretch.taps / tapsPerRound(stretch));
const roundBytes = (stretch: Stretch): number => (tapsPerRound(stretch) * stretch.sums * stretch.bits) / 8;

function takeTaps(p: Program, input: Place, sums: Sums, taps: number, reading: Reading, isLoaded = false): void {
  for (let tap = 0; tap < taps; tap++) {
    if (!isLoaded) p.op('ld X+', TAP);
    if (reading.bits === 2) extendTap(p, input);
    sums.forEach((sum, slot) => {
      addNext(p, input, sum, tap * sums.length + slot, reading);
    });
  }
}

/** Adds the tap times the `i`th weight from a byte's begin on, which Z points to. Z moves on with the last of a byte, or of 2 bits with the first. */
export function addNext(p: Program, input: Place, sum: readonly number[], i: number, { bits, signs }: Reading): void {
  const at = (i * bits) % 8;
  if (signs) {
    if (at === 0) p.op('lpm Z+', WEIGHT);
    addBySign(p, input, sum, 7 - at, signs);
    return;
  }
  p.op(at + bits === 8 ? 'lpm Z+' : 'lpm', WEIGHT);
  if (bits === 4) {
    if (at > 0) p.op('swap', WEIGHT);
    p.op('andi', WEIGHT, 0xf0);
  }
  addTap(p, input, sum);
}

/** Bytes that Z has moved behind so many weights. */
export const passedBytes = (weights: number, bits: StoredBits): number =>
  bits === 2 ? Math.ceil(weights / 4) : Math.floor((weights * bits) / 8);
