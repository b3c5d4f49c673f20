import type { Device } from '../device/device.ts';
import { hasWeights, type Stage } from '../network/stage.ts';
import { avr, compiled } from './avr.ts';
import type { PlanTarget } from './plan.ts';
import { intakeOf } from './stream.ts';
import { clippedHorizontally, clippedVertically } from './weights.ts';

export function planTarget({ architecture, id }: Pick<Device, 'architecture'> & Partial<Pick<Device, 'id'>>): PlanTarget {
  if (architecture !== 'avr') return wide;
  if (id !== undefined && WITHOUT_MULTIPLIER.test(id)) return slowAvr;
  return id !== undefined && FAR.test(id) ? farAvr : avr;
}

const WITHOUT_MULTIPLIER = /^attiny\d\d$/;
/** More than 128 KB of flash: return addresses have three bytes. */
const FAR = /^atmega256\d/;

const withFarReturns = (target: PlanTarget): PlanTarget => ({
  ...target,
  stackBytes: (stages, streamed, unit) => target.stackBytes(stages, streamed, unit) + (target.machine ? 2 : 6),
});

/** Products are calls of the compiler's library, 3 B deeper at most on 70 random networks; weights are not worth being code. */
const slowAvr: PlanTarget = {
  ...compiled,
  weightsInCode: false,
  cycles: undefined,
  stackBytes: (stages, streamed) => compiled.stackBytes(stages, streamed) + 8,
};

const farAvr: PlanTarget = { ...withFarReturns(avr), lean: withFarReturns(avr.lean!) };

/**
 * arm-none-eabi-gcc 12 -Os for a Cortex-M0+, and taken for every other 32-bit core. Stack: the compiler's own figures (-fstack-usage) for
 * push_row and its deepest callee, 112 B at most on 120 random networks, and 80 B for start-up, main and the library's division.
 */
const wide: PlanTarget = {
  alignment: 4,
  weightsInCode: false,
  narrowSums: false,
  stackBytes: (stages) => 192 + 4 * tallestWindow(stages),
  codeBytes: (stages, streamed) => stages.reduce((sum, stage, i) => sum + codeBytes(stage, i < streamed), SIZES.base),
};

/** Bytes of machine code, fitted to what the compiler made of random networks. */
const SIZES = {
  base: 170,
  ops: { conv2d: 20, depthwise: 22, dense: 13, maxPool: 35, averagePool: 10, add: -50, concat: 7, relu: 59 },
  /** Per axis on which a window hangs over the border. */
  clipped: 50,
  streamed: 27,
  furtherInput: 95,
  requantized: 90,
};

function codeBytes(stage: Stage, streamed: boolean): number {
  const requantized = stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw);
  return (
    SIZES.ops[stage.op] +
    SIZES.clipped * (Number(clippedVertically(stage)) + Number(clippedHorizontally(stage))) +
    (streamed ? SIZES.streamed : 0) +
    SIZES.furtherInput * (stage.inputs.length - 1) +
    (requantized ? SIZES.requantized : 0)
  );
}

const tallestWindow = (stages: readonly Stage[]): number =>
  Math.max(0, ...stages.map((stage) => (stage.window && intakeOf(stage) === 'window' ? stage.window.kernelY : 0)));
