import { bytesOf } from '../machine/bytes.ts';
import type { Place, Task } from '../machine/machine.ts';
import type { Stage } from '../network/stage.ts';
import { pack, type StoredBits, storedBits } from '../quantize/bits.ts';
import { encodeRun } from '../quantize/nonzeros.ts';
import { accumulate, addTo, clear, constant } from './arithmetic.ts';
import type { Program } from './program.ts';
import { A, B, BESIDE_PAIRS, END, PAIRS, SUMS, TAP, W, X } from './registers.ts';

/**
 * How the products of a group of channels are summed up. `bytes`: each in a register of its own, by weights of a byte or of so many bits of one.
 * `pairs`: two in a
 * register, whose upper half is the second's sum, by words of two weights. No sum may leave its half, so they are unpacked after `chunk` taps:
 * into registers of their own, or, where that is all there are, as they are handed over. `isCentred`: a chunk's sums begin where they have
 * as far to go down as up, at a word before its weights; the bias makes up for it. `runs`: only those that are not zero, a channel at a time.
 */
export type Summing =
  | { readonly form: 'runs'; readonly most: number }
  | { readonly form: 'bytes'; readonly most: number; readonly bits: StoredBits }
  | { readonly form: 'pairs'; readonly most: number; readonly chunk: number; readonly isWhole: boolean; readonly isCentred: boolean };

/** Fewer taps at once are not worth unpacking their sums. */
export const LEAST_CHUNK = 3;

type Values = Pick<Place, 'least' | 'most'>;
type Summed = Pick<Task, 'weights' | 'bits'> & { readonly stage: Pick<Task['stage'], 'weights'>; readonly inputs: readonly Values[] };

/**
 * Of a stage whose taps are visited in stretches of `stretch`, and whose sums are handed over after `taps`. Sums can be centred where all
 * taps are visited, `allVisited`.
 */
export function tabledOf({ stage, inputs: [input], weights, bits }: Summed, stretch: number, taps: number, allVisited: boolean): Tabled {
  const paired = (chunk: number): Tabled | undefined => {
    const width = widestOf(stage.weights!.weight, chunk, input);
    const isWhole = chunk === taps;
    const made = { form: 'pairs', most: isWhole ? 2 * PAIRS.length : BESIDE_PAIRS.length, chunk, isWhole } as const;
    if (width.oneSided < HALF) return { ...made, isCentred: false };
    return allVisited && width.both < 2 * HALF - 2 ? { ...made, isCentred: true } : undefined;
  };
  if (weights === 'code') {
    const whole = paired(taps);
    if (whole) return whole;
    for (let chunk = stretch; chunk >= LEAST_CHUNK; chunk--) {
      const parted = stretch % chunk === 0 && chunk < taps ? paired(chunk) : undefined;
      if (parted) return parted;
    }
  }
  return inBytes(bits);
}

/** Sums in registers of their own, for as many channels as their weights fill bytes with. */
export const inBytes = (bits: StoredBits): Summing & { form: 'bytes' } => ({ form: 'bytes', most: bits === 2 ? 4 : SUMS.length, bits });

/** Bits of a weight where all lie in a table: those of depthwise convolutions take a byte. */
export const tableBits = (stage: Pick<Stage, 'op' | 'bits'>): StoredBits => (stage.op === 'depthwise' ? 8 : storedBits(stage));

/** Channels of a group are a multiple of this. */
export const stepOf = (summing: Summing): number => (summing.form === 'pairs' ? 2 : summing.form === 'runs' ? 1 : 8 / summing.bits);

/** The same of a dense layer, which takes its taps in stretches of `taps`. */
export const summingOf = (task: Summed, taps: number): Summing =>
  task.weights === 'runs' && taps <= LONGEST_RUN ? { form: 'runs', most: 1 } : tabledOf(task, taps, taps, true);

/** Counts and steps are bytes. */
const LONGEST_RUN = 255;

const HALF = 2 ** 15;

/** How far sums over so many taps one after the other reach, from zero and from the least to the most, wherever they begin at a multiple of that. */
function widestOf(weight: Int8Array, taps: number, input: Values): { oneSided: number; both: number } {
  const width = { oneSided: 0, both: 0 };
  for (let from = 0; from < weight.length; from += taps) {
    const { least, most } = reachOf(weight.subarray(from, from + taps), input);
    width.oneSided = Math.max(width.oneSided, -least, most);
    width.both = Math.max(width.both, most - least);
  }
  return width;
}

/** What a sum over these weights can be; taps may be left out. */
function reachOf(weights: Int8Array, { least, most }: Values): Values {
  const [lowest, highest] = [Math.min(0, least), Math.max(0, most)];
  const reach = { least: 0, most: 0 };
  for (const weight of weights) {
    reach.least += weight * (weight > 0 ? lowest : highest);
    reach.most += weight * (weight > 0 ? highest : lowest);
  }
  return reach;
}

/** Where the sums of a channel's chunks begin, whose weights these are. */
function beginnings(summing: Summing, weights: Int8Array, input: Values): number[] {
  if (summing.form !== 'pairs' || !summing.isCentred) return [];
  return Array.from({ length: weights.length / summing.chunk }, (_, i) => {
    const { least, most } = reachOf(weights.subarray(i * summing.chunk, (i + 1) * summing.chunk), input);
    return -Math.round((least + most) / 2);
  });
}

/** How much a channel's sum is too large in the end. */
export const excessOf = (summing: Summing, weights: Int8Array, input: Values): number =>
  beginnings(summing, weights, input).reduce((sum, each) => sum + each, 0);

/** A table in which every weight has its place. */
export type Tabled = Exclude<Summing, { form: 'runs' }>;

/** Bytes of the weights of so many taps of a group, and of the words before them. */
export function weightBytes(summing: Tabled, size: number, taps: number): number {
  if (summing.form === 'bytes') return tapBytes(summing, size) * taps;
  return 4 * Math.ceil(size / 2) * (taps + (summing.isCentred ? taps / summing.chunk : 0));
}

/** The weights of each tap begin a byte. */
const tapBytes = ({ bits }: Summing & { form: 'bytes' }, size: number): number => Math.ceil((size * bits) / 8);

/** The table of a group's weights, those of each tap together: `weights` are each channel's, tap by tap. */
export function weightTable(summing: Summing, weights: readonly Int8Array[], input: Values): number[] {
  if (summing.form === 'runs') return encodeRun(weights[0]);
  const taps = Array.from(weights[0], (_, tap) => weights.map((each) => each[tap]));
  if (summing.form === 'bytes') return taps.flatMap((tap) => pack(tap, summing.bits));
  const begins = weights.map((each) => beginnings(summing, each, input));
  return taps.flatMap((tap, i) => {
    const isFirst = summing.isCentred && i % summing.chunk === 0;
    return [...(isFirst ? pairWords(begins.map((each) => each[i / summing.chunk])) : []), ...pairWords(tap)];
  });
}

/** Words of two numbers each. */
const pairWords = (values: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(values.length / 2) }, (_, i) => wordOf(values[2 * i] + 65536 * (values[2 * i + 1] ?? 0))).flat();

/** Bytes of a word, the lowest first. */
export const wordOf = (value: number): number[] => bytesOf(value, 4);

/** The weights of one channel, tap by tap: channels come last in a depthwise weight and first in the others. */
export function weightsOf({ stage }: Task, channel: number): Int8Array {
  const { weight } = stage.weights!;
  const { channels } = stage.shape;
  if (stage.op === 'depthwise') return weight.filter((_, i) => i % channels === channel);
  const taps = weight.length / channels;
  return weight.subarray(channel * taps, (channel + 1) * taps);
}

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
  const once = () => {
    if (isParted && summing.isCentred) beginPairs(p, summing, size);
    loop(p, perTap * chunk, chunk / unrolled, () => {
      for (let i = 0; i < unrolled; i++) {
        if (tap === undefined) loadTap(p, input, i);
        if (summing.form === 'bytes') addBytes(p, summing, size, i);
        else addWords(p, size);
      }
      if (tap === undefined) p.op('adds i', X, unrolled);
      if (summing.form === 'bytes') p.op('adds i', W, unrolled * perTap);
    });
    if (isParted) unpack(p, summing, size);
  };
  if (tap !== undefined) constant(p, TAP, tap);
  if (chunk === taps) once();
  else counted(p, 'chunks', taps / chunk, once);
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
