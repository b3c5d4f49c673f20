import { MOST_SUM_REGISTERS } from '../avr/machine.ts';
import { mostSaved } from '../avr/saved.ts';
import { unsupported } from '../avr/supported.ts';
import { hasWeights } from '../network/stage.ts';
import { driverFeatures, driverFrameFeatures, type Form, formOf, frameFeatures, sizeFeatures } from './features.ts';
import type { PlanTarget } from './plan.ts';
import { MOST_IN_CODE } from './weights.ts';
import { WORK, workOf } from './work.ts';

/** An AVR with a multiplier: machine code of our own, whose stack is what it saves; C where that cannot be written. */
function writing(sumRegisters: number): PlanTarget {
  return {
    alignment: 1,
    weightsInCode: true,
    narrowSums: true,
    machine: (stages, { streamed, unit }) => (unsupported(stages, streamed, unit) ? undefined : { mostInCode: MOST_IN_CODE, sumRegisters }),
    stackBytes: (stages, streamed, unit = 'row') =>
      unsupported(stages, streamed, unit) ? compiled.stackBytes(stages, streamed, unit) : ADDRESSES + mostSaved(stages, sumRegisters),
    codeBytes: (stages, streamed, unit) => compiled.codeBytes(stages, streamed, unit),
    cycles: (input, stages, streamed, nonZeros, unit) => compiled.cycles!(input, stages, streamed, nonZeros, unit),
  };
}

/** The return addresses of main and push_row. */
const ADDRESSES = 4;

/**
 * avr-gcc 5.4 -Os, as `test/bench/fit.ts` fitted it to 620 random networks: stack from above, code and cycles by least squares. Coefficients
 * go with the features of the same order in `features.ts`.
 */
export const compiled: PlanTarget = {
  alignment: 1,
  weightsInCode: true,
  narrowSums: true,
  stackBytes(stages, streamed) {
    const drivers = [1, ...driverFrameFeatures(stages, streamed)];
    const step = dot(drivers, STACK.step);
    const whole = dot(drivers, STACK.whole);
    const depths = stages.map((stage, i) => dot(frameFeatures(stage, i < streamed), FRAMES[formOf(stage)]) + (i < streamed ? step : whole));
    return Math.round(STACK.base + Math.max(...depths));
  },
  codeBytes(stages, streamed) {
    const own = stages.map((stage, i) => {
      return dot(sizeFeatures(stage, i < streamed), SIZES[formOf(stage)]);
    });
    const requantized = stages.some((stage) => stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw));
    const pooled = stages.some((stage) => stage.op === 'averagePool');
    return (
      own.reduce((sum, each) => sum + each, 0) + dot([1, ...driverFeatures(stages, streamed), Number(requantized), Number(pooled)], REST)
    );
  },
  cycles: (input, stages, streamed, nonZeros, unit) =>
    (unit === 'pixel' ? PIXELS_TAKE : 1) *
    dot(
      workOf(input, stages, streamed, nonZeros),
      WORK.map((step) => CYCLES[step]),
    ),
};

/** Times of the cycles by rows that network T takes by pixels. */
const PIXELS_TAKE = 1.43;

/** The leanest takes two sums of three bytes at once. */
export const avr: PlanTarget = { ...writing(MOST_SUM_REGISTERS), lean: writing(6) };

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i], 0);

/** What main, push_row and a call take, and the functions that choose the stage. The base lies 4 B above the deepest that was seen. */
const STACK = {
  base: 8,
  step: [4.2, 2.9, -0.2, -0.5, 0.7, 1.2, 5.1, 0.7, 0, 0.3, -0.2, -0.2, 0],
  whole: [3.1, -3.2, 0.4, 0.9, -1.2, -0.6, -0.2, 0.1, -0.3, 4.8, 3.2, 2.3, 0],
};

const FRAMES: { readonly [form in Form]: readonly number[] } = {
  conv2d: [35.6, 0.3, 0, -8.3, 6.2, -2.3, 5.6, -6.2, 1.1, 4, 1.9, 2.7, 2.3, 1.1, 1.7, -0.1, 0, 0],
  add: [6.2, 2.3, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.4, 0, 0, 5.5],
  dense: [32.4, 0, -4.8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.4, -6.3, 0.2, -11.5, 0],
  concat: [8.5, 2.2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1.6, 1.2, 0, 0, 8.7],
  code: [35.8, 1.6, 0, -11.5, 0, 0, 0, -6, 2.1, 2.1, 1.8, 0, 0, 1.2, -1.4, -0.2, 0, 0],
  maxPool: [8.9, 3, -0.3, -0.7, 2.6, 4, -0.9, -5.5, -1.1, -1, 3.6, 2.4, 2.2, -0.7, -0.2, -0.2, 0, 0],
  relu: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
  averagePool: [25.1, 5.8, -4.3, -1.8, 0.1, -0.3, 1, -3.3, -0.7, -0.4, 2, 6, 0.4, -1.8, 0, 0.5, 0, 0],
  depthwise: [37.3, -0.5, 0, -4.9, 1.4, 3, 5.2, -4.3, -0.4, 1, 2.2, 5, -0.2, -4.9, 0.1, -1.1, 0, 0],
};

const SIZES: { readonly [form in Form]: readonly number[] } = {
  conv2d: [106.3, 43.2, 0, -84.6, 200, -106.1, 158.4, -75.2, 35.7, 231.5, 36.6, 19, 52.9, -9.3, 18.5, -2.6, 0, 0, 11.1, 0, 0, 0, 0],
  add: [85.1, 20.3, 0, -4.7, 0, 0, 0, 0, 0, 0, 0, 0, 0, -4.7, -5.8, -6.1, 0, 85.1, 0, 0, 0, 0, 0],
  dense: [260.3, 7.7, -0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.8, -3.3, -16.4, -113.9, 0, 9.2, 0, 0, 0, 0],
  concat: [-21.9, 47.7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -33.2, -17.3, 0, 0, 125.6, 0, 0, 0, 0, 0],
  code: [-179.7, 21.9, 0, -101, 0, 0, 0, -21.9, -69.1, 337, 158.9, 0, 0, -16.5, -48.8, -34.8, 0, 0, 2.6, 4.8, 41.8, 25.9, -2.4],
  maxPool: [94.2, 22.4, -21.8, -18.7, 47, -2.6, 28.1, -45.8, -22.5, -28.7, 27.3, 53.1, 48.2, -18.7, 5.6, 7.6, 0, 0, 0, 0, 0, 0, 0],
  relu: [13.8, 4.6, 0, -1.6, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1.6, -0.6, 13.8, 0, 0, 0, 0, 0, 0, 0],
  averagePool: [295.9, 31.3, -60.2, -22.1, 56.5, 37, -10.1, -52.4, -10.9, -27.6, 4.8, 57.5, 20.5, -22.1, 9.3, 6.4, 0, 0, 0, 0, 0, 0, 0],
  depthwise: [213.6, 33.4, 0, -54.3, 130.2, -18.9, 74.2, -63.8, -29.3, 73.2, 46.9, 7.9, 8, -54.3, 10.6, -14.1, 0, 0, 0, 0, 0, 0, 0],
};

/** Of the start-up code, the driving functions and what all stages share. */
const REST: readonly number[] = [343, 52.4, 47.4, 99.1, 41.2, -6.8, 47.4, -49.9, -1.5, 30.6, 30, -12, 0, 130.9, 16.1];

/** Cycles of each step. */
const CYCLES: { readonly [step in (typeof WORK)[number]]: number } = {
  once: 156.5,
  'input bytes': 7.9,
  'input rows': 48.8,
  'streamed rows': 133.9,
  'window rows': 118.5,
  'code: products': 2.2,
  'code: taps': 5.8,
  'code: outputs': 126.2,
  'code: pixels': 0,
  'table: products': 7.5,
  'table: rounds': 7.2,
  'table: kernel rows': 79.6,
  'table: outputs': 94.2,
  'table: pixels': 1.2,
  'table: zero point': 4.6,
  'border: pixels': 0,
  'border: sums': 9.6,
  'runs: products': 0,
  'runs: runs': 0,
  'runs: outputs': 344.4,
  'runs: pixels': 155.5,
  'runs: zero point': 0,
  'depthwise: products': 36,
  'depthwise: kernel rows': 49.8,
  'depthwise: outputs': 82.6,
  'depthwise: pixels': 0,
  'dense: products': 12,
  'dense: rounds': 0,
  'dense: sums': 9.9,
  'dense runs: products': 20.6,
  'dense runs: runs': 49,
  'dense: scaled': 150.8,
  'dense: calls': 20.7,
  'maxPool: taps': 8.2,
  'maxPool: kernel rows': 26,
  'maxPool: outputs': 0,
  'averagePool: taps': 12.5,
  'averagePool: kernel rows': 52.9,
  'averagePool: outputs': 116.8,
  'add: outputs': 209.8,
  'concat: outputs': 105.9,
  'relu: outputs': 11.5,
};
