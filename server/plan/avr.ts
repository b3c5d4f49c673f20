import { MOST_SUM_REGISTERS } from '../avr/registers.ts';
import { leastSaved, mostSaved } from '../avr/saved.ts';
import { unsupported } from '../avr/supported.ts';
import { once } from '../network/once.ts';
import { hasWeights, type Stage, type StageOp } from '../network/stage.ts';
import { leastCallerBytes } from './caller.ts';
import { driverFeatures, driverFrameFeatures, frameFeatures, sizeFeatures } from './features.ts';
import type { PlanTarget } from './plan.ts';
import { MOST_IN_CODE } from './weights.ts';
import { cyclesOf, type WORK } from './work.ts';

/** An AVR with a multiplier: machine code of our own, whose stack is what it saves; C where that cannot be written. */
function writing(sumRegisters: number): PlanTarget {
  const saved = once((stages: readonly Stage[]) => mostSaved(stages, sumRegisters));
  return {
    alignment: 1,
    narrowSums: true,
    poolsTakePixels: true,
    machine: (stages, { unit }) => (unsupported(stages, unit) ? undefined : { mostInCode: MOST_IN_CODE, sumRegisters }),
    stackBytes: (stages, streamed, unit = 'row') =>
      unsupported(stages, unit) ? compiled.stackBytes(stages, streamed, unit) : ADDRESSES + saved(stages),
    codeBytes: (stages, cut) => compiled.codeBytes(stages, cut),
    cycles: (input, stages, streamed, nonZeros, unit) => compiled.cycles!(input, stages, streamed, nonZeros, unit),
  };
}

/** The leanest takes two sums of three bytes at once. */
const LEAST_SUM_REGISTERS = 6;

/**
 * Bytes of machine code that no network does without: to clear counters (6), to tell where its input goes (4), to find the largest logit (28), to save registers and count what
 * arrives (40), to take a tap of the last layer to a sum and that to its place (20), and to store what a convolution makes (4).
 */
const LEAST_CODE = 102;

/** The return addresses of main and push_row. */
const ADDRESSES = 4;

/**
 * avr-gcc 5.4 -Os of plain C, as `node test/bench/fit.ts --plain` fitted it to 620 random networks: stack from above, code and cycles by least squares. Coefficients
 * go with the features of the same order in `features.ts`.
 */
export const compiled: PlanTarget = {
  alignment: 1,
  narrowSums: true,
  stackBytes(stages, streamed) {
    const drivers = [1, ...driverFrameFeatures(stages, streamed)];
    const step = dot(drivers, STACK.step);
    const whole = dot(drivers, STACK.whole);
    const depths = stages.map((stage, i) => dot(frameFeatures(stage, i < streamed), FRAMES[stage.op]) + (i < streamed ? step : whole));
    return Math.round(STACK.base + Math.max(...depths));
  },
  codeBytes(stages, { streamed }) {
    const own = stages.map((stage, i) => {
      return dot(sizeFeatures(stage, i < streamed), SIZES[stage.op]);
    });
    const requantized = stages.some((stage) => stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw));
    const pooled = stages.some((stage) => stage.op === 'averagePool');
    return (
      own.reduce((sum, each) => sum + each, 0) + dot([1, ...driverFeatures(stages, streamed), Number(requantized), Number(pooled)], REST)
    );
  },
  cycles: (input, stages, streamed, nonZeros, unit) =>
    (unit === 'pixel' ? PIXELS_TAKE : 1) * cyclesOf(CYCLES, input, stages, streamed, nonZeros, NEVER),
};

/** Tables and runs, no weights as code. */
const NEVER = () => false;

/** Times of the cycles by rows that network T takes by pixels. */
const PIXELS_TAKE = 1.43;

export const avr: PlanTarget = {
  ...writing(MOST_SUM_REGISTERS),
  lean: writing(LEAST_SUM_REGISTERS),
  leastStackBytes: ADDRESSES + leastSaved(LEAST_SUM_REGISTERS),
  leastFlashBytes: leastCallerBytes() + LEAST_CODE,
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i], 0);

/** What main, push_row and a call take, and the functions that choose the stage. The base lies 4 B above the deepest that was seen. */
const STACK = {
  base: 10,
  step: [4.4, 3.1, -0.6, -0.6, 0.5, 0.9, 4.8, 1, 0, 0.5, -0.3, -0.4, 0],
  whole: [2.4, -1.1, -1, 0.4, -0.5, 0.2, -0.2, 0, -0.3, 5.6, 2.8, 2.9, 0],
};

const FRAMES: { readonly [op in StageOp]: readonly number[] } = {
  conv2d: [26, 1.8, 0, -9.5, 4, 2, 2.2, -5.1, 0.2, 2.5, 4.1, 2.9, 2, 0.1, 0.7, -0.2, 0, 0],
  add: [6, 2.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.4, 0, 0, 5.5],
  dense: [29.6, 0.3, -5.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.3, -6.6, 0],
  concat: [8, 2.3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1.3, -3.6, 0, 0, 8.9],
  maxPool: [13.1, 1.8, -2.1, -1.4, 0.8, 0.3, 1.4, -5.8, -1, -2.9, 2.4, 4.5, 5.3, -1.4, 0.5, 0.3, 0, 0],
  relu: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
  averagePool: [22.2, 1.4, -3.5, -1.9, 0.5, -0.8, 0.7, -3.8, -1, -0.1, 2.2, 3.3, 3.6, -1.9, 0, 0, 0, 0],
  depthwise: [24, 2.4, 0, -4.7, 3.2, 0.9, 4, -4.4, -0.8, 3.4, 3.5, 4.8, 2.7, -4.7, 0.1, -0.3, 0, 0],
};

const SIZES: { readonly [op in StageOp]: readonly number[] } = {
  conv2d: [128, 36, 0, -97.2, 179.6, 30.1, 21.3, -54.9, 2.2, 136.1, 62, -11, 40.2, -3.6, 13.1, -10.6, 0, 0, 16.7],
  add: [85.3, 20.4, 0, -4.7, 0, 0, 0, 0, 0, 0, 0, 0, 0, -4.7, -2.9, -6.8, 0, 85.3, 0],
  dense: [319.4, 31.6, -25.6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -2.7, 9, -12, -176.8, 0, 12.6],
  concat: [-15.8, 49, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -33.2, -16.5, 0, 0, 119.8, 0],
  maxPool: [136.4, 31.1, -71.9, -24.2, 42, -3.3, 31.2, -41.4, -18.8, -54.5, 5.5, 77.8, 36.9, -24.2, 12.7, 8.5, 0, 0, 0],
  relu: [13.8, 6, 0, -1.4, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1.4, -0.1, 13.8, 0, 0, 0],
  averagePool: [311.4, 21.1, -46.4, -23.6, 55.3, 35.1, 2.2, -45.2, -22.6, -33.5, 6.3, 57.9, 20.9, -23.6, 13.5, 5.3, 0, 0, 0],
  depthwise: [286, 34.8, 0, -61.8, 118.2, -8.1, 45.5, -65.1, -30.3, 56.9, 40.1, 14.7, 32.4, -61.8, 1.2, -15.3, 0, 0, 0],
};

/** Of the start-up code, the driving functions and what all stages share. */
const REST: readonly number[] = [504.1, 38.3, 26, 85.6, 3.8, -13.4, 18.1, -39.3, 1, 21.9, 26.2, -0.7, 0, 82.6, 0.7];

/** Cycles of each step. */
const CYCLES: { readonly [step in (typeof WORK)[number]]: number } = {
  once: 233.2,
  'input bytes': 7.4,
  'input rows': 46.7,
  'streamed rows': 127.9,
  'window rows': 110.3,
  'code: products': 0,
  'code: taps': 0,
  'code: outputs': 0,
  'code: pixels': 0,
  'table: products': 16,
  'table: rounds': 3.8,
  'table: kernel rows': 33.9,
  'table: outputs': 139.3,
  'table: pixels': 0,
  'table: zero point': 9.3,
  'border: pixels': 0,
  'border: sums': 42.3,
  'runs: products': 23.1,
  'runs: runs': 31.7,
  'runs: outputs': 253.7,
  'runs: pixels': 0,
  'runs: zero point': 52.5,
  'depthwise: products': 31.5,
  'depthwise: kernel rows': 57.6,
  'depthwise: outputs': 108.2,
  'depthwise: pixels': 0,
  'dense: products': 18.2,
  'dense: rounds': 0,
  'dense: sums': 10.8,
  'dense runs: products': 27.1,
  'dense runs: runs': 58.7,
  'dense: scaled': 192.1,
  'dense: calls': 0,
  'maxPool: taps': 10.4,
  'maxPool: kernel rows': 23,
  'maxPool: outputs': 0,
  'averagePool: taps': 18.8,
  'averagePool: kernel rows': 42.6,
  'averagePool: outputs': 123.8,
  'add: outputs': 227.4,
  'concat: outputs': 115.5,
  'relu: outputs': 13.8,
};
