import type { Task } from '../machine/machine.ts';
import type { Scaling } from '../machine/scaling.ts';
import { rowStep, type Walk, walkOf, wrappedStep } from '../machine/walk.ts';
import type { Stage } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { accumulate, address, addTo, clear } from './arithmetic.ts';
import { channelBytes, channelWords, groupsOf } from './groups.ts';
import { loadTap } from './products.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, isHigh, TAP, W, X, Y } from './registers.ts';
import { requantize, takesMultiplier } from './requantize.ts';
import { scalingOf } from './scaling.ts';
import { type Summing, stepOf, type Tabled, weightsOf } from './summing.ts';
import { wrap } from './walk.ts';

/** A product takes six bytes of code, so only few are worth their speed. */
const MOST_WRITTEN = 400;

/** Whether a convolution's products are written out, zeros left out: where its windows lie on the input in full and a table takes longer. */
export function isWrittenOut(stage: Stage & Partial<QuantizedStage>, summing: Tabled): boolean {
  const { op, window, weights, inputShapes } = stage;
  const [input] = inputShapes;
  if (op !== 'conv2d' || !window || !weights) return false;
  const { padTop, padLeft, rows, columns, strideY, strideX, spanY, spanX, kernelY } = window;
  const within = (rows - 1) * strideY + spanY <= input.height && (columns - 1) * strideX + spanX <= input.width;
  if (padTop > 0 || padLeft > 0 || !within) return false;
  const products = weights.weight.filter((weight) => weight !== 0);
  if (products.length > MOST_WRITTEN) return false;
  const { channels } = stage.shape;
  const taps = weights.weight.length / channels;
  const written = products.reduce((sum, weight) => sum + productCycles(weight), 0) + 2 * taps * Math.ceil(channels / MANY.length);
  const groups = groupsOf(channels, summing.most, stepOf(summing));
  const table = groups.reduce((sum, { length }) => sum + tableCycles(summing, length, taps) + ROW * kernelY, 0);
  return written < table;
}

/** What a kernel row of a table takes beside its taps. */
const ROW = 10;

function tableCycles(summing: Tabled, size: number, taps: number): number {
  if (summing.form === 'bytes') return taps * (5 * size + 6);
  const pairs = Math.ceil(size / 2);
  return taps * (3 + 3 * pairs) + (!summing.isWhole ? (taps / summing.chunk) * (7 * pairs + 8) : 0);
}

/** Cycles of a tap's product with a weight, which is added to a sum. */
const productCycles = (weight: number): number => (Math.abs(weight) === 1 ? 1 : isPowerOfTwo(Math.abs(weight)) ? 2 : 3);

const isPowerOfTwo = (size: number): boolean => (size & (size - 1)) === 0;

const PLAIN: Summing = { form: 'bytes', most: 0, bits: 8 };

/** Sums of a group: the low registers first, of which Y is one where the group is large. */
const LOW = [B, 5, 6] as const;
const MANY = [Y, ...LOW, 8, 9] as const;
const sumsOf = (size: number): readonly number[] => (size <= LOW.length ? LOW : MANY).slice(0, size);

/** Whether so many channels leave no room for Y. */
export const keepsOutput = (channels: number): boolean => groupsOf(channels, MANY.length)[0].length > LOW.length;

/** A word of the stack frame: the output, while a sum is in Y. */
export const OUTPUT = 'output';

/** Weights are instructions: a tap is loaded once for several filters. From FIRST to Y, which moves on. */
export function fromCode(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const walk = walkOf(task);
  const scaling = scalingOf(task);
  const groups = groupsOf(stage.shape.channels, MANY.length);
  const bytes = groups.reduce((sum, group) => sum + channelBytes(group, scaling), 0);
  address(
    p,
    W,
    p.table(bytes, () => groups.flatMap((group) => channelWords(task, group, scaling, PLAIN))),
  );
  for (const group of groups) {
    const sums = sumsOf(group.length);
    if (sums.includes(Y)) p.store(Y, OUTPUT);
    p.op('mov', X, FIRST);
    const weights = group.map((filter) => weightsOf(task, filter));
    const begun = new Set<number>();
    walkTaps(
      p,
      walk,
      (tap) => weights.some((each) => each[tap] !== 0),
      (tap, at) => {
        loadTap(p, inputs[0], at);
        weights.forEach((each, slot) => {
          addProduct(p, sums[slot], each[tap], begun);
        });
      },
    );
    clear(
      p,
      sums.filter((sum) => !begun.has(sum)),
      A,
    );
    finish(p, sums, scaling);
  }
}

/** Finishes sums by the words at W, and stores them from Y on, which moves on. */
function finish(p: Program, sums: readonly number[], scaling: Scaling | undefined): void {
  const words = (1 << TAP) | (scaling && takesMultiplier(scaling) ? 1 << A : 0);
  sums.forEach((sum, slot) => {
    p.op('ldm', W, words);
    accumulate(p, TAP, sum);
    if (sum === Y) p.load(Y, OUTPUT);
    if (scaling) {
      requantize(p, TAP, X, A, scaling);
      p.op('strb', X, Y, slot);
    } else p.op('str', TAP, Y, 4 * slot);
  });
  addTo(p, Y, scaling ? sums.length : 4 * sums.length);
}

/** Displacements of a byte reach this far. */
const REACH = 31;

/** Visits the taps that are `needed`, row by row, each `at` bytes behind X. */
function walkTaps(p: Program, walk: Walk, needed: (tap: number) => boolean, visit: (tap: number, at: number) => void): void {
  const { window, input, ring } = walk;
  const { kernelY, kernelX, dilationX } = window;
  const { channels } = input;
  /** How far the tap at hand lies behind X. */
  let at = 0;
  for (let ky = 0; ky < kernelY; ky++) {
    let row = 0;
    for (let kx = 0; kx < kernelX; kx++) {
      for (let channel = 0; channel < channels; channel++) {
        const tap = (ky * kernelX + kx) * channels + channel;
        if (!needed(tap)) continue;
        if (at + channel > REACH) {
          addTo(p, X, at);
          at = 0;
        }
        visit(tap, at + channel);
      }
      if (kx === kernelX - 1) break;
      const step = dilationX * channels;
      row += step;
      if (ring === 'pixels') move(p, walk, step);
      else at += step;
    }
    if (ky === kernelY - 1) break;
    if (ring === 'pixels') move(p, walk, rowStep(walk) - row);
    else {
      addTo(p, X, at + rowStep(walk) - row);
      at = 0;
      if (ring) wrap(p, walk, rowStep(walk));
    }
  }
}

/** Moves X around a ring of pixels. */
function move(p: Program, walk: Walk, bytes: number): void {
  const step = wrappedStep(walk, bytes);
  addTo(p, X, step);
  wrap(p, walk, step);
}

/** Adds the product of TAP and a weight to a sum; the first begins it. A is lost. */
function addProduct(p: Program, sum: number, weight: number, begun: Set<number>): void {
  if (weight === 0) return;
  const begins = !begun.has(sum);
  begun.add(sum);
  const size = Math.abs(weight);
  if (begins && !isHigh(sum)) {
    product(p, sum, size);
    if (weight < 0) p.op('rsbs', sum, sum);
    return;
  }
  const factor = size === 1 ? TAP : A;
  if (size > 1) product(p, A, size);
  if (isHigh(sum)) {
    if (weight < 0) p.op('rsbs', A, factor);
    p.op(begins ? 'mov' : 'add', sum, weight < 0 ? A : factor);
  } else p.op(weight < 0 ? 'subs r' : 'adds r', sum, sum, factor);
}

/** `to` (low) = TAP times 1 to 127. */
function product(p: Program, to: number, size: number): void {
  if (size === 1) p.op('mov', to, TAP);
  else if (isPowerOfTwo(size)) p.op('lsls i', to, TAP, Math.log2(size));
  else {
    p.op('movs i', to, size);
    p.op('muls', to, TAP);
  }
}
