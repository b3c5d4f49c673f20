import type { Place } from '../machine/machine.ts';
import { accumulate, addTo, clear, constant } from './arithmetic.ts';
import type { Program } from './program.ts';
import { A, B, BESIDE_PAIRS, END, PAIRS, SUMS, TAP, W, X } from './registers.ts';
import { type Summing, type Tabled, tapBytes } from './summing.ts';

/** Registers of a group's sums while they are summed up. */
const fullOf = (summing: Summing, size: number): readonly number[] => (summing.form === 'pairs' ? BESIDE_PAIRS : SUMS).slice(0, size);
const pairsOf = (size: number): readonly number[] => PAIRS.slice(0, Math.ceil(size / 2));

const isPacked = (summing: Summing): boolean => summing.form === 'pairs' && summing.isWhole;

/** Sums begin, from W where they do not at zero; A, B and TAP may be lost, and the registers of weights where nothing else is summed up. */
export function beginSums(p: Program, summing: Summing, size: number): void {
  if (summing.form !== 'pairs') clear(p, fullOf(summing, size), TAP);
  else if (isPacked(summing)) beginPairs(p, summing, size);
  else clear(p, [...fullOf(summing, size), ...(summing.isCentred ? [] : pairsOf(size))], TAP);
}

/** The sums of a chunk begin. */
function beginPairs(p: Program, summing: Summing & { form: 'pairs' }, size: number): void {
  const pairs = pairsOf(size);
  if (!summing.isCentred) {
    clear(p, pairs, A);
    return;
  }
  loadWords(p, pairs.length);
  pairs.forEach((pair, i) => {
    p.op('mov', pair, A + i);
  });
}

/** Registers from A on = so many words from W on, which moves on. */
const loadWords = (p: Program, count: number): void => p.op('ldm', W, ((1 << count) - 1) << A);

/** `to` (low) += a sum of a group; TAP may be lost. */
export function addSum(p: Program, summing: Summing, size: number, slot: number, to: number): void {
  if (isPacked(summing)) half(p, PAIRS[slot >> 1], slot % 2 === 1);
  accumulate(p, to, isPacked(summing) ? TAP : fullOf(summing, size)[slot]);
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
export function addTaps(p: Program, input: Place, summing: Tabled, size: number, taps: number, tap?: number): void {
  const isParted = summing.form === 'pairs' && !summing.isWhole;
  const chunk = isParted ? summing.chunk : taps;
  const perTap = summing.form === 'bytes' ? tapBytes(summing, size) : 4 * Math.ceil(size / 2);
  const unrolled = unrolling(chunk, summing.form === 'bytes' ? perTap : 4);
  const some = () => {
    for (let i = 0; i < unrolled; i++) {
      if (tap === undefined) loadTap(p, input, i);
      if (summing.form === 'bytes') addBytes(p, summing, size, i);
      else addWords(p, size);
    }
    if (tap === undefined) p.op('adds i', X, unrolled);
    if (summing.form === 'bytes') p.op('adds i', W, unrolled * perTap);
  };
  const once = () => {
    if (isParted && summing.isCentred) beginPairs(p, summing, size);
    const rounds = chunk / unrolled;
    if (rounds === 1) some();
    else p.through(W, perTap * chunk, rounds, some);
    if (isParted) unpack(p, summing, size);
  };
  if (tap !== undefined) constant(p, TAP, tap);
  if (chunk === taps) once();
  else p.loop('chunks', taps / chunk, once);
}

/** Runs of a stage: how many weights one has that are not zero, and which share has none. */
export type Runs = { readonly expected: number; readonly empty: number };

/** Adds a run at W to the only sum of a group, X at its first tap, and behind the last afterwards. */
export function addRun(p: Program, input: Place, taps: number, { expected, empty }: Runs): void {
  const [sum] = SUMS;
  const again = p.fresh();
  const none = p.fresh();
  p.op('mov', END, X);
  p.op('ldrb', B, W, 0);
  p.op('adds i', W, 1);
  p.op('cmp i', B, 0);
  p.branch('beq', empty, none);
  p.label(again);
  p.times(expected, () => {
    p.op('ldrb', A, W, 0);
    p.op('adds r', X, X, A);
    loadTap(p, input, 0);
    p.op('ldrb', A, W, 1);
    p.op('sxtb', A, A);
    p.op('adds i', W, 2);
    p.op('muls', A, TAP);
    p.op('adds r', sum, sum, A);
    p.op('subs i', B, 1);
    p.branch('bne', expected > 0 ? 1 - (1 - empty) / expected : 0, again);
  });
  p.label(none);
  p.op('mov', X, END);
  addTo(p, X, taps);
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

function addBytes(p: Program, summing: Summing & { form: 'bytes' }, size: number, i: number): void {
  const { bits } = summing;
  fullOf(summing, size).forEach((sum, slot) => {
    const at = (slot * bits) % 8;
    if (at === 0) p.op('ldrb', bits === 8 ? A : B, W, i * tapBytes(summing, size) + (slot * bits) / 8);
    if (bits === 8) p.op('sxtb', A, A);
    else {
      p.op('lsls i', A, B, 32 - bits - at);
      p.op('asrs i', A, A, 32 - bits);
    }
    p.op('muls', A, TAP);
    accumulate(p, sum, A);
  });
}

function addWords(p: Program, size: number): void {
  const pairs = pairsOf(size);
  const words = pairs.map((_, i) => A + i);
  loadWords(p, words.length);
  for (const word of words) p.op('muls', word, TAP);
  pairs.forEach((pair, i) => {
    p.op('add', pair, words[i]);
  });
}

function unpack(p: Program, summing: Summing & { form: 'pairs' }, size: number): void {
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
  if (!summing.isCentred) clear(p, pairsOf(size), B);
}
