import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import { type StoredBits, storedBits } from '../quantize/bits.ts';
import { longestStep } from '../quantize/nonzeros.ts';
import { clippedHorizontally, liesApart } from './weights.ts';

/**
 * How a stage's weights lie in flash. `table`: every weight. `runs`: for each stretch of weights that meets a stretch of contiguous inputs,
 * the number of those that are not zero and then, for each, how far to step and the weight. `bitmap`: for each eight weights of such a
 * stretch a byte that tells which are not zero, and then those. Weights that were trained to 4 or 2 bits may take no more: in a table
 * several lie in a byte, in a run the step and the weight do.
 */
export type WeightEncoding = 'table' | 'runs' | 'bitmap';

/** An encoding, what its weights take, and how long a chip is busy with all of them once; the ratio of cycles is what counts. */
export type Stored = { readonly encoding: WeightEncoding; readonly bits: StoredBits; readonly bytes: number; readonly cycles: number };

/** Steps and counts are bytes. */
const LONGEST_RUN = 255;

/** The stretches of a stage's weights; none where only a table will do. */
export function runsOf(stage: Stage): { count: number; length: number } | undefined {
  const [input] = stage.inputShapes;
  if (stage.op === 'dense') return fitting(stage.shape.channels * input.height, input.width * input.channels);
  if (stage.op !== 'conv2d' || clippedHorizontally(stage) || liesApart(stage)) return undefined;
  const { kernelY, kernelX } = stage.window!;
  return fitting(stage.shape.channels * kernelY, kernelX * input.channels);
}

const fitting = (count: number, length: number) => (length <= LONGEST_RUN ? { count, length } : undefined);

/** Times of the cycles of the fastest that count as nearly as fast; weights of few bits were made so to take little flash, and may take longer. */
const NEARLY = { 8: 1.25, 4: 1.6, 2: 1.6 } as const;

/**
 * How a stage with that many non-zero weights stores them: of the ways that are nearly as fast as the fastest that of the least product of
 * bytes and cycles; where flash counts most, of all that of the fewest bytes.
 */
export function encodeFor(stage: Stage, nonZeros: number, leastFlash = false, costs = COMPILED): Stored {
  const all = encodingsOf(stage, nonZeros, costs);
  const fastest = Math.min(...all.map(({ cycles }) => cycles));
  const able = leastFlash ? all : all.filter(({ bits, cycles }) => cycles <= NEARLY[bits] * fastest);
  const cost = (each: Stored) => (each.bytes + readingBytes(stage, each)) * (leastFlash ? 1 : each.cycles);
  return able.reduce((best, each) => (cost(each) < cost(best) ? each : best));
}

/** Bytes of machine code that reads weights beyond those of the code for a table of bytes. */
function readingBytes(stage: Stage, { encoding, bits }: Stored): number {
  if (encoding === 'bitmap') return 24;
  if (encoding === 'runs') return bits === 8 ? 0 : 4;
  // A weight of -2 is looked for where there may be one.
  return { 8: 0, 4: 12, 2: stage.bits === 2 ? 100 : 36 }[bits];
}

/** Every way to store a stage's weights, and what it costs. */
export function encodingsOf(stage: Stage, nonZeros: number, costs = COMPILED): Stored[] {
  const count = weightCount(stage);
  const few = storedBits(stage);
  const each = few === 8 ? ([8] as const) : ([8, few] as const);
  const tables = each.map(
    (bits): Stored => ({ encoding: 'table', bits, bytes: bytesOfTable(stage, bits), cycles: count * tableCycles(stage, bits, costs) }),
  );
  const runs = hasWeights(stage) ? runsOf(stage) : undefined;
  if (!runs) return tables;
  const passes = runs.count * costs.run;
  // A dense layer that takes row after row also keeps where the runs of each row begin.
  const starts = stage.op === 'dense' && stage.inputShapes[0].height > 1 ? 2 * stage.inputShapes[0].height : 0;
  const sparse = each.map((bits): Stored => {
    const entries = nonZeros * (1 + longSteps(nonZeros / count, bits));
    const bytes = runs.count + Math.ceil(entries * (bits === 8 ? 2 : 1)) + starts;
    return { encoding: 'runs', bits, bytes, cycles: passes + entries * costs.entry[bits] };
  });
  const bitmap: Stored = {
    encoding: 'bitmap',
    bits: 8,
    bytes: runs.count * Math.ceil(runs.length / 8) + nonZeros + starts,
    cycles: passes + count * costs.bit + nonZeros * costs.marked,
  };
  return few === 8 ? [...tables, ...sparse, bitmap] : [...tables, ...sparse];
}

/**
 * Cycles of a weight in a table, of one that keeps its sum `narrow` there, of an entry of a run, of a `bit` of a bitmap and what one that is
 * `marked` takes besides; `run` is what each stretch does.
 */
export type Costs = {
  readonly table: { readonly [bits in StoredBits]: number };
  readonly narrow: number;
  readonly entry: { readonly [bits in StoredBits]: number };
  readonly run: number;
  readonly bit: number;
  readonly marked: number;
};

/** Of machine code on an AVR, counted. */
export const MACHINE: Costs = { table: { 8: 10.5, 4: 12, 2: 9 }, narrow: 8, entry: { 8: 19, 4: 21, 2: 23 }, run: 12, bit: 9, marked: 8 };

/** Of C, as avr-gcc compiles it, measured; those of a Cortex-M0+ are in about the same ratios. */
const COMPILED: Costs = { table: { 8: 20.5, 4: 29, 2: 28 }, narrow: 20.5, entry: { 8: 33, 4: 39, 2: 40 }, run: 58, bit: 25, marked: 23 };

/** Weights of few bits keep the sums of few taps within two bytes, unless they are taken as the upper bits of theirs. */
function tableCycles(stage: Stage, bits: StoredBits, costs: Costs): number {
  const most = storedBits(stage) === 8 ? 127 : 2 ** (storedBits(stage) - 1);
  const isNarrow = (weightCount(stage) / stage.shape.channels) * (most / 2) * 255 < 2 ** 15;
  return bits === 8 && isNarrow ? costs.narrow : costs.table[bits];
}

/** Steps of weight zero to each non-zero weight, where so great a share of weights, anywhere, is not zero. */
function longSteps(share: number, bits: StoredBits): number {
  const beyond = (1 - share) ** longestStep(bits);
  return bits === 8 || beyond === 1 ? 0 : beyond / (1 - beyond);
}

/** A stretch of taps begins a byte. */
function bytesOfTable(stage: Stage, bits: StoredBits): number {
  const [input] = stage.inputShapes;
  const stretch = stage.op === 'depthwise' ? stage.shape.channels : (stage.window?.kernelX ?? input.width) * input.channels;
  return (weightCount(stage) / stretch) * Math.ceil((stretch * bits) / 8);
}
