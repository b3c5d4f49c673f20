import { hasWeights, type Stage, weightCount } from '../network/stage.ts';

/**
 * How a stage's weights lie in flash. `table`: every weight, a byte each. `runs`: for each stretch of weights that meets a stretch of
 * contiguous inputs, the number of non-zero weights and then, for each, how far to step and the weight: 1 + 2 n bytes for n non-zeros.
 * `packed`: weights of 4 or 2 bits, several in a byte, the first lowest; each stretch begins a byte.
 */
export type WeightEncoding = 'table' | 'runs' | 'packed';

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

/** The encoding of fewest bytes for a stage with that many non-zero weights; packed only where that `packs`. */
export function encodeFor(stage: Stage, nonZeros: number, packs = true): { encoding: WeightEncoding; bytes: number } {
  const plain = unpacked(stage, nonZeros);
  const packed = packs ? packedBytes(stage) : undefined;
  return packed !== undefined && packed < plain.bytes ? { encoding: 'packed', bytes: packed } : plain;
}

/** Bits of a packed weight; undefined where weights are bytes. */
export const packedBits = ({ bits }: Stage): 4 | 2 | undefined => (bits === undefined || bits === 4 ? bits : 2);

/** Bytes of a dense layer's packed weights. */
function packedBytes(stage: Stage): number | undefined {
  const bits = packedBits(stage);
  const [input] = stage.inputShapes;
  if (stage.op !== 'dense' || bits === undefined) return undefined;
  return stage.shape.channels * input.height * Math.ceil((input.width * input.channels * bits) / 8);
}

function unpacked(stage: Stage, nonZeros: number): { encoding: 'table' | 'runs'; bytes: number } {
  const table = weightCount(stage);
  const runs = runsOf(stage);
  if (!hasWeights(stage) || !runs) return { encoding: 'table', bytes: table };
  // A dense layer that takes row after row also keeps where the runs of each row begin.
  const starts = stage.op === 'dense' && stage.inputShapes[0].height > 1 ? 2 * stage.inputShapes[0].height : 0;
  const bytes = runs.count + 2 * nonZeros + starts;
  return bytes < table ? { encoding: 'runs', bytes } : { encoding: 'table', bytes: table };
}

/** Code for a weight takes about 10 bytes, so only few are worth their speed. Counted before pruning: a plan is priced before it. */
export const MOST_IN_CODE = 80;

/** Whether an AVR takes the weights of a convolution as code in place of a table; it needs windows that lie on the input in full. */
export const isWrittenAsCode = (stage: Stage, most = MOST_IN_CODE): boolean =>
  stage.op === 'conv2d' &&
  !stage.raw &&
  weightCount(stage) <= most &&
  !liesApart(stage) &&
  !clippedHorizontally(stage) &&
  !clippedVertically(stage);

/** A constant takes about 6 bytes of code, a weight in a table one, so only few are worth their speed. */
const MOST_CONSTANTS = 400;

/** Whether C for 32-bit cores has a convolution's weights as constants in place of a table; its windows lie on the input in full. */
export const isConstant = (stage: Stage, nonZeros: number): boolean =>
  stage.op === 'conv2d' && !stage.raw && nonZeros <= MOST_CONSTANTS && !clippedHorizontally(stage) && !clippedVertically(stage);

/** Taps that are written out one after the other, at most: a branch on AVR reaches no farther back. */
const MOST_TAPS = 8;

/** Kernel rows are written out one after the other while together they write out so many taps. */
const MOST_WRITTEN_OUT = 20;

/** How many taps of a run of `count` are written out; a loop does the rest. */
export function unrolled(count: number): number {
  for (let taps = Math.min(MOST_TAPS, count); taps > 1; taps--) if (count % taps === 0) return taps;
  return 1;
}

/** Whether a convolution's kernel rows are written out: its windows lie on the input in full and write out few taps. */
export function isWrittenOut(stage: Stage): boolean {
  const { kernelY, kernelX } = stage.window!;
  const within = !liesApart(stage) && !clippedHorizontally(stage) && !clippedVertically(stage);
  return within && kernelY * unrolled(kernelX * stage.inputShapes[0].channels) <= MOST_WRITTEN_OUT;
}

/** Taps written out in the code of a convolution or a dense layer, kernel rows included. */
export function unrolledTaps(stage: Stage): number {
  const [input] = stage.inputShapes;
  if (!stage.window) return unrolled(input.width * input.channels);
  if (clippedHorizontally(stage) && !liesApart(stage)) return 1;
  if (liesApart(stage)) return unrolled(input.channels);
  return unrolled(stage.window.kernelX * input.channels) * (isWrittenOut(stage) ? stage.window.kernelY : 1);
}

/** The taps of a kernel row do not lie side by side in the input: they are taken one by one. */
export const liesApart = ({ window }: Stage): boolean => window !== undefined && window.dilationX > 1 && window.kernelX > 1;

/** The last columns or the first of a window hang over the border somewhere. */
export function clippedHorizontally({ window, inputShapes: [input] }: Stage): boolean {
  return (
    window !== undefined && (window.padLeft > 0 || (window.columns - 1) * window.strideX - window.padLeft + window.spanX > input.width)
  );
}

export function clippedVertically({ window, inputShapes: [input] }: Stage): boolean {
  return window !== undefined && (window.padTop > 0 || (window.rows - 1) * window.strideY - window.padTop + window.spanY > input.height);
}
