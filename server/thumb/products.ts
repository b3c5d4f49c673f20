import type { Place, Task } from '../machine/machine.ts';
import { accumulate, clear, constant } from './arithmetic.ts';
import type { Program } from './program.ts';
import { A, B, BESIDE_PAIRS, END, PAIRS, SUMS, TAP, W, X } from './registers.ts';

/**
 * How the products of a group of channels are summed up. `bytes`: each in a register of its own, by weights of a byte. `pairs`: two in a
 * register, whose upper half is the second's sum, by words of two weights; after `chunk` taps at the most they are unpacked, for no sum may
 * leave its half: into registers of their own, or once the window is complete, where all of it is one chunk.
 */
export type Summing =
  | { readonly form: 'bytes'; readonly most: number }
  | { readonly form: 'pairs'; readonly most: number; readonly chunk?: number };

/** Fewer taps at once are not worth unpacking their sums. */
export const LEAST_CHUNK = 3;

type Summed = Pick<Task, 'weights'> & {
  readonly stage: Pick<Task['stage'], 'weights'>;
  readonly inputs: readonly Pick<Place, 'least' | 'most'>[];
};

/** Of a stage whose taps are visited in stretches of `stretch`, and whose sums are handed over after `taps`. */
export function summingOf({ stage, inputs: [input], weights }: Summed, stretch: number, taps: number): Summing {
  if (weights === 'code') {
    const { weight } = stage.weights!;
    if (fits(weight, taps, input)) return { form: 'pairs', most: 2 * PAIRS.length };
    for (let chunk = stretch; chunk >= LEAST_CHUNK; chunk--)
      if (stretch % chunk === 0 && fits(weight, chunk, input)) return { form: 'pairs', most: BESIDE_PAIRS.length, chunk };
  }
  return { form: 'bytes', most: SUMS.length };
}

/** Whether sums over so many taps one after the other stay in 16 bits, wherever they begin at a multiple of that; taps may be left out. */
function fits(weight: Int8Array, taps: number, { least, most }: Pick<Place, 'least' | 'most'>): boolean {
  const [lowest, highest] = [Math.min(0, least), Math.max(0, most)];
  for (let from = 0; from < weight.length; from += taps) {
    let [low, high] = [0, 0];
    for (let i = from; i < from + taps; i++) {
      low += weight[i] * (weight[i] > 0 ? lowest : highest);
      high += weight[i] * (weight[i] > 0 ? highest : lowest);
    }
    if (low < -32768 || high > 32767) return false;
  }
  return true;
}

/** Bytes of the weights of so many taps of a group. */
export const weightBytes = ({ form }: Summing, size: number, taps: number): number =>
  form === 'bytes' ? size * taps : 4 * Math.ceil(size / 2) * taps;

/** The table of a group's weights, those of each tap together: `weights` are each channel's, tap by tap. */
export function weightTable({ form }: Summing, weights: readonly Int8Array[]): number[] {
  const taps = Array.from(weights[0], (_, tap) => weights.map((each) => each[tap]));
  if (form === 'bytes') return taps.flatMap((tap) => tap.map((weight) => weight & 255));
  return taps.flatMap((tap) =>
    Array.from({ length: Math.ceil(tap.length / 2) }, (_, i) => wordOf(tap[2 * i] + 65536 * (tap[2 * i + 1] ?? 0))).flat(),
  );
}

/** Bytes of a word, the lowest first. */
export const wordOf = (value: number): number[] => [0, 8, 16, 24].map((at) => (value >> at) & 255);

/** The weights of one channel, tap by tap: channels come last in a depthwise weight and first in the others. */
export function weightsOf({ stage }: Task, channel: number): Int8Array {
  const { weight } = stage.weights!;
  const { channels } = stage.shape;
  if (stage.op === 'depthwise') return weight.filter((_, i) => i % channels === channel);
  const taps = weight.length / channels;
  return weight.subarray(channel * taps, (channel + 1) * taps);
}

/** Registers of a group's sums while they are summed up. */
const fullOf = (summing: Summing, size: number): readonly number[] => (summing.form === 'bytes' ? SUMS : BESIDE_PAIRS).slice(0, size);
const pairsOf = (size: number): readonly number[] => PAIRS.slice(0, Math.ceil(size / 2));

/** Sums begin at zero; TAP is lost. */
export function beginSums(p: Program, summing: Summing, size: number): void {
  if (summing.form === 'bytes') clear(p, fullOf(summing, size), TAP);
  else clear(p, [...pairsOf(size), ...(summing.chunk ? fullOf(summing, size) : [])], TAP);
}

/** `to` (low) += a sum of a group; TAP may be lost. */
export function addSum(p: Program, summing: Summing, size: number, slot: number, to: number): void {
  const isPaired = summing.form === 'pairs' && !summing.chunk;
  if (isPaired) half(p, PAIRS[slot >> 1], slot % 2 === 1);
  accumulate(p, to, isPaired ? TAP : fullOf(summing, size)[slot]);
}

/** TAP = the lower or the upper sum of a pair. */
function half(p: Program, pair: number, upper: boolean): void {
  p.op('mov', TAP, pair);
  if (!upper) {
    p.op('sxth', TAP, TAP);
    return;
  }
  // A lower sum below zero has borrowed one from the upper.
  p.op('asrs i', TAP, TAP, 15);
  p.op('adds i', TAP, 1);
  p.op('asrs i', TAP, TAP, 1);
}

/** Adds the products of `taps` taps from X and their weights from W to a group's sums. `tap`: all are that, and X stays. A, B, TAP and END are lost. */
export function addTaps(p: Program, input: Place, summing: Summing, size: number, taps: number, tap?: number): void {
  const chunk = (summing.form === 'pairs' && summing.chunk) || taps;
  const unrolled = unrolling(chunk, summing.form === 'bytes' ? size : 4);
  if (tap !== undefined) constant(p, TAP, tap);
  const once = () => {
    loop(p, weightBytes(summing, size, chunk), chunk / unrolled, () => {
      for (let i = 0; i < unrolled; i++) {
        if (tap === undefined) loadTap(p, input, i);
        if (summing.form === 'bytes') addBytes(p, summing, size, i);
        else addWords(p, size);
      }
      if (tap === undefined) p.op('adds i', X, unrolled);
      if (summing.form === 'bytes') p.op('adds i', W, unrolled * size);
    });
    if (summing.form === 'pairs' && summing.chunk) unpack(p, summing, size);
  };
  if (chunk === taps) once();
  else counted(p, 'chunks', taps / chunk, once);
}

/** How many of `taps` taps are written out: displacements reach 32 bytes. */
function unrolling(taps: number, bytes: number): number {
  for (let unrolled = Math.min(taps, MOST_UNROLLED, Math.floor(32 / bytes)); unrolled > 1; unrolled--)
    if (taps % unrolled === 0) return unrolled;
  return 1;
}
const MOST_UNROLLED = 8;

/** TAP = the input `i` bytes behind X. */
export function loadTap(p: Program, input: Place, i: number): void {
  p.op('ldrb', TAP, X, i);
  if (!input.unsigned && input.least < 0) p.op('sxtb', TAP, TAP);
}

function addBytes(p: Program, summing: Summing, size: number, i: number): void {
  fullOf(summing, size).forEach((sum, slot) => {
    p.op('ldrb', A, W, i * size + slot);
    p.op('sxtb', A, A);
    p.op('muls', A, TAP);
    accumulate(p, sum, A);
  });
}

function addWords(p: Program, size: number): void {
  const pairs = pairsOf(size);
  const words = pairs.map((_, i) => A + i);
  p.op(
    'ldm',
    W,
    words.reduce((mask, register) => mask | (1 << register), 0),
  );
  for (const word of words) p.op('muls', word, TAP);
  pairs.forEach((pair, i) => {
    p.op('add', pair, words[i]);
  });
}

function unpack(p: Program, summing: Summing, size: number): void {
  const sums = fullOf(summing, size);
  pairsOf(size).forEach((pair, i) => {
    p.op('mov', A, pair);
    p.op('sxth', B, A);
    accumulate(p, sums[2 * i], B);
    if (2 * i + 1 >= size) return;
    p.op('subs r', A, A, B);
    p.op('asrs i', A, A, 16);
    accumulate(p, sums[2 * i + 1], A);
  });
  clear(p, pairsOf(size), B);
}

/** Runs `body` until W has moved on by `bytes`, which takes `count` rounds. */
function loop(p: Program, bytes: number, count: number, body: () => void): void {
  if (count === 1) {
    body();
    return;
  }
  const again = p.fresh();
  constant(p, A, bytes);
  p.op('adds r', A, A, W);
  p.op('mov', END, A);
  p.label(again);
  p.times(count, () => {
    body();
    p.op('cmp h', W, END);
    p.branch('bne', (count - 1) / count, again);
  });
}

/** Runs `body` `count` times, counted in a word of the stack frame; A is lost. */
export function counted(p: Program, slot: string, count: number, body: () => void): void {
  if (count === 1) {
    body();
    return;
  }
  const again = p.fresh();
  constant(p, A, count);
  p.store(A, slot);
  p.label(again);
  p.times(count, () => {
    body();
    p.load(A, slot);
    p.op('subs i', A, 1);
    p.store(A, slot);
    p.branch('bne', (count - 1) / count, again);
  });
}
