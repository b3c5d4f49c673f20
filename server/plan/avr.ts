import { hasWeights } from '../network/stage.ts';
import { driverFeatures, driverFrameFeatures, type Form, formOf, frameFeatures, sizeFeatures } from './features.ts';
import type { PlanTarget } from './plan.ts';

/**
 * avr-gcc 5.4 -Os, as `test/bench/fit.ts` fitted it to 420 random networks: stack from above, code by least squares. Coefficients
 * go with the features of the same order in `features.ts`.
 */
export const avr: PlanTarget = {
  alignment: 1,
  weightsInCode: true,
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
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i], 0);

/** What main, push_row and a call take, and the functions that choose the stage. The base lies 4 B above the deepest that was seen. */
const STACK = {
  base: 10,
  step: [4.4, 3.1, -0.6, -0.8, 0.6, 1.5, 5.1, 0.9, 0, 0.5, -0.3, -0.2, 0],
  whole: [0.6, -2.1, -0.2, 1.2, -1.3, -0.7, -0.4, 0.2, -0.4, 4.9, 3, 2.1, 0],
};

const FRAMES: { readonly [form in Form]: readonly number[] } = {
  conv2d: [27.1, 0.3, 0, -8.6, 8.3, -15.4, 21.1, -6.1, 3, 22.4, 3.8, 0.4, 2, 1.6, 1.9, 0.8, 0, 0],
  add: [6.1, 2.4, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.3, 0, 0, 5.5],
  dense: [32.2, -0.1, -4.8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.6, -7.2, 0.3, -11.4, 0],
  concat: [8.4, 1.7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.6, -0.2, 0, 0, 5.6],
  code: [30.7, 0.8, 0, -10.8, 0, 0, 0, -6.4, 2.2, 4.4, 2.7, 0, 0, 0.9, -0.8, 0.1, 0, 0],
  maxPool: [7.7, 0.3, 1.7, -1.1, 3.8, 3.9, -2.9, -4.9, -0.2, -2.1, 4.1, 2.5, 4.3, -1.1, 0.4, -0.1, 0, 0],
  relu: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
  averagePool: [23.3, 5.6, -3.7, -1.7, 0.5, -0.1, 2.4, -3.4, -0.3, 0.1, 2.3, 4.1, 0.9, -1.7, 0, 1.5, 0, 0],
  depthwise: [35.1, -0.2, 0, -5.8, 3.7, -1.2, 3.4, -4.4, -1.8, 2.2, 2.2, 4.3, 3.7, -5.8, 1.8, 0.2, 0, 0],
};

const SIZES: { readonly [form in Form]: readonly number[] } = {
  conv2d: [35, 51.9, 0, -84.2, 206.5, -99.4, 195.4, -73.5, 75.1, 280.4, 42.5, 9.2, 54, -9.4, 16, 2.3, 0, 0, 12.1, 0, 0, 0, 0],
  add: [85.2, 17.7, 0, -5.6, 0, 0, 0, 0, 0, 0, 0, 0, 0, -5.6, -5.1, -5.6, 0, 85.2, 0, 0, 0, 0, 0],
  dense: [254.5, 9.5, 0.8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.7, -3.7, -14.4, -112.3, 0, 9.7, 0, 0, 0, 0],
  concat: [-20.5, 43.7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -29.5, -15.9, 0, 0, 125.2, 0, 0, 0, 0, 0],
  code: [-172.2, 5, 0, -106.6, 0, 0, 0, -14.8, -76.5, 331.3, 139.1, 0, 0, 6.4, -18.3, -17.6, 0, 0, 8.4, 7.6, 30.6, 36.2, -7.1],
  maxPool: [94.8, 21.5, -22.8, -20.4, 48.8, 0.1, 13.6, -39.9, -23.9, -30.9, 24.5, 72.5, 58.5, -20.4, 10.1, 20.6, 0, 0, 0, 0, 0, 0, 0],
  relu: [13.7, 4.4, 0, -1.3, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1.3, -0.2, 13.7, 0, 0, 0, 0, 0, 0, 0],
  averagePool: [294.1, 36, -58.6, -21.9, 39.3, 31, -2.1, -54.1, -6.9, -31.1, 4.4, 73.4, 47.1, -21.9, -1.1, -3.7, 0, 0, 0, 0, 0, 0, 0],
  depthwise: [266.6, 32.4, 0, -60.7, 128.1, 30.2, -6.1, -77.1, -36.4, 41, 35.9, 23, 25.5, -60.7, 11.5, -21.8, 0, 0, 0, 0, 0, 0, 0],
};

/** Of the start-up code, the driving functions and what all stages share. */
const REST: readonly number[] = [348.8, 70.5, 64.9, 87.2, 53.8, 2.3, 15.3, -28.6, -2.6, 24.2, 30.2, 7.1, 0, 120, 24.4];
