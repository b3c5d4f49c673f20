import { type Stage, weightCount } from '../network/stage.ts';
import { mostStack } from '../thumb/frame.ts';
import { unsupported } from '../thumb/supported.ts';
import {
  armDriverFrameFeatures,
  armFrameFeatures,
  armRestFeatures,
  armSizeFeatures,
  type Form,
  type Frame,
  formOf,
  frameOf,
} from './armfeatures.ts';
import { thumb1, thumb2 } from './armfit.ts';
import { FEWEST_IN_CODE } from './code.ts';
import type { PlanTarget, Unit } from './plan.ts';
import { intakeOf } from './stream.ts';
import { isConstant, MOST_AS_CODE } from './weights.ts';
import { cyclesOf, type WORK } from './work.ts';

/** Coefficients that `test/bench/fitarm.ts` fitted, of the features of the same order in `armfeatures.ts`. */
export type ArmModel = {
  readonly stack: { readonly base: number; readonly step: readonly number[]; readonly whole: readonly number[] };
  readonly frames: { readonly [frame in Frame]: readonly number[] };
  readonly sizes: { readonly [form in Form]: readonly number[] };
  readonly rest: readonly number[];
  /** Of the steps of `WORK` that take any. */
  readonly cycles: { readonly [step in (typeof WORK)[number]]?: number };
};

/** Plain C for a 32-bit core, streamed by rows as it was measured; what is streamed by pixels is taken to need as much and `MORE_BY_PIXELS`. */
const target = ({ stack, frames, sizes, rest, cycles }: ArmModel): PlanTarget => ({
  alignment: 4,
  weightsAsConstants: true,
  narrowSums: false,
  stackBytes(stages, streamed, unit) {
    const driver = armDriverFrameFeatures(stages, streamed);
    const [step, whole] = [dot(driver, stack.step), dot(driver, stack.whole)];
    const frame = (stage: Stage, i: number) =>
      dot(armFrameFeatures(stage, i < streamed), frames[frameOf(stage)]) + (i < streamed ? step : whole);
    return Math.round(stack.base + Math.max(...stages.map(frame)) + (unit === 'pixel' ? MORE_BY_PIXELS : 0));
  },
  codeBytes(stages, { unit, streamed, leastFlash = false }, nonZeros = weightCount) {
    const own = stages.map((stage, i) => {
      const left = nonZeros(stage);
      const asConstants = !leastFlash && (unit === 'row' || i >= streamed) && isConstant(stage, left);
      return dot(armSizeFeatures(stage, i < streamed, left, asConstants), sizes[formOf(stage, left, asConstants, leastFlash)]);
    });
    return own.reduce((sum, each) => sum + each, 0) + dot(armRestFeatures(stages, streamed), rest);
  },
  cycles: (input, stages, streamed, nonZeros, unit) =>
    (unit === 'pixel' ? PIXELS_TAKE : 1) * cyclesOf(cycles, input, stages, streamed, nonZeros, isConstant),
});

/** Stack, bytes; the deepest of random networks. */
const MORE_BY_PIXELS = 0;
/** Times of the cycles by rows. */
const PIXELS_TAKE = 1.65;

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i], 0);

/** Plain C for Cortex-M0 and M0+: Thumb-1 instructions. */
export const plainSmall: PlanTarget = target(thumb1);

/**
 * Cortex-M0 and M0+: machine code of our own, whose stack is what it saves and its frame; C where that cannot be written. How long cuts take,
 * one beside the other, is told by the C.
 */
export const small: PlanTarget = {
  ...plainSmall,
  machine: (stages) => (unsupported(stages) ? undefined : { core: 'thumb', mostInCode: MOST_IN_PAIRS, sumRegisters: 8 }),
  stackBytes: (stages, streamed, unit = 'row') =>
    unsupported(stages)
      ? plainSmall.stackBytes(stages, streamed, unit)
      : MAIN_STACK + Math.max(...WRITTEN.map((written) => mostStack(stages, streamed, unit, written, folds))),
};

const folds = (stage: Stage, unit: Unit): boolean => intakeOf(stage, unit) === 'fold';

/** Stages of more weights have each in a byte: those are read twice as slowly, from half the flash. */
const MOST_IN_PAIRS = MOST_AS_CODE;

/** Weights may be stored in few bytes in the same RAM. */
const WRITTEN = [{ mostInCode: MOST_IN_PAIRS }, { mostInCode: FEWEST_IN_CODE.thumb, leastFlash: true }] as const;

/** Stack of main that calls the network, of random networks at the most: arm-none-eabi-gcc 12 -Os. */
const MAIN_STACK = 48;

/** Cortex-M3, M4 and M7, whose simulator counts no cycles; taken for RISC-V and for what is not known, too. */
export const large: PlanTarget = { ...target(thumb2), cycles: undefined };
