import { bytesOf } from '../machine/bytes.ts';
import type { Place, Task } from '../machine/machine.ts';
import type { Stage } from '../network/stage.ts';
import { pack, type StoredBits, storedBits } from '../quantize/bits.ts';
import { encodeRun, nonZeros } from '../quantize/nonzeros.ts';
import { BESIDE_PAIRS, PAIRS, SUMS } from './registers.ts';

/**
 * How the products of a group of channels are summed up. `bytes`: each in a register of its own, by weights of a byte or of so many bits of one.
 * `pairs`: two in a register, whose upper half is the second's sum, by words of two weights. No sum may leave its half, so they are unpacked after `chunk` taps:
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
function widestOf(weight: Int8Array, taps: number, input: Values): Width {
  const known = widths.get(weight) ?? new Map<string, Width>();
  widths.set(weight, known);
  const key = `${taps} ${input.least} ${input.most}`;
  const width = known.get(key) ?? measure(weight, taps, input);
  known.set(key, width);
  return width;
}

type Width = { readonly oneSided: number; readonly both: number };

/** A stage is asked about under every plan. */
const widths = new WeakMap<Int8Array, Map<string, Width>>();

function measure(weight: Int8Array, taps: number, input: Values): Width {
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

/** Bytes of a channel's run. */
export const runBytes = (weights: Int8Array): number => 1 + 2 * nonZeros(weights);

/** The weights of each tap begin a byte. */
export const tapBytes = ({ bits }: Summing & { form: 'bytes' }, size: number): number => Math.ceil((size * bits) / 8);

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
