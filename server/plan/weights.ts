import { type Stage, weightCount } from '../network/stage.ts';

/** Code for a weight takes about 10 bytes, so only few are worth their speed. Counted before pruning: a plan is priced before it. */
export const MOST_IN_CODE = 80;

/** However much flash there is. */
export const MOST_AS_CODE = 4000;

/** Whether an AVR takes the weights of a convolution as code in place of a table; it needs windows that lie on the input in full. */
export const isWrittenAsCode = (stage: Stage, most = MOST_IN_CODE): boolean =>
  stage.op === 'conv2d' &&
  !stage.raw &&
  weightCount(stage) <= most &&
  !liesApart(stage) &&
  !clippedHorizontally(stage) &&
  !clippedVertically(stage);

/** A constant takes about 6 bytes of code, a weight in a table one, so only few are worth their speed. */
export const MOST_CONSTANTS = 400;

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
