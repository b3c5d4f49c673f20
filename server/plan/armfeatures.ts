import { INPUT } from '../network/network.ts';
import { hasWeights, type Stage, type StageOp, weightCount } from '../network/stage.ts';
import { encodeFor } from './encoding.ts';
import { driverFeatures, driverFrameFeatures, frameFeatures } from './features.ts';
import { intakeOf, ringDepths } from './stream.ts';
import { clippedHorizontally, isConstant, isWrittenOut, unrolledTaps } from './weights.ts';

/** How the C of a stage is shaped for a 32-bit core, as far as its stack frame depends on it; what pruning leaves is not known then. */
export type Frame = 'constants' | StageOp;

export const frameOf = (stage: Stage): Frame => (isConstant(stage, weightCount(stage)) ? 'constants' : stage.op);

export const armFrameFeatures = (stage: Stage, streamed: boolean): number[] => [
  ...frameFeatures(stage, streamed),
  Math.min(stage.shape.channels, 4),
  Number(stage.shape.channels > 4),
];

export const armDriverFrameFeatures = (stages: readonly Stage[], streamed: number): number[] => [
  1,
  ...driverFrameFeatures(stages, streamed),
];

/** The shapes whose sizes differ. */
export type Form = Frame | 'border' | 'runs' | 'dense runs';

export function formOf(stage: Stage, nonZeros: number, asConstants = isConstant(stage, nonZeros), leastFlash = false): Form {
  if (asConstants) return 'constants';
  const { encoding } = encodeFor(stage, nonZeros, leastFlash);
  if (stage.op === 'dense') return encoding === 'runs' ? 'dense runs' : 'dense';
  if (stage.op !== 'conv2d') return stage.op;
  return encoding === 'runs' ? 'runs' : clippedHorizontally(stage) ? 'border' : 'conv2d';
}

/** What the size of a stage's machine code is a linear function of, by form. */
export function armSizeFeatures(stage: Stage, streamed: boolean, nonZeros: number, asConstants = isConstant(stage, nonZeros)): number[] {
  const features = frameFeatures(stage, streamed);
  const { channels } = stage.shape;
  if (asConstants) {
    const groups = Math.ceil(channels / 4);
    const taps = stage.window!.kernelY * stage.window!.kernelX * stage.inputShapes[0].channels;
    const fromInput = Number(stage.inputs.includes('input'));
    return [
      ...features,
      nonZeros,
      channels,
      groups * taps,
      Math.min(groups * taps, nonZeros),
      groups,
      Number(stage.relu) * channels,
      fromInput * nonZeros,
      taps,
    ];
  }
  const taps = stage.op === 'conv2d' || stage.op === 'dense' ? unrolledTaps(stage) : 0;
  const apart = stage.op === 'conv2d' && isWrittenOut(stage);
  return [...features, taps, channels % 2, Number(channels > 1), Number(apart)];
}

/** Of the start-up code, the driving functions and what all stages share. */
export const armRestFeatures = (stages: readonly Stage[], streamed: number): number[] => [
  1,
  ...driverFeatures(stages, streamed),
  Number(stages.some((stage) => stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw))),
  Number(stages.some((stage) => stage.op === 'averagePool')),
  Number(goesAround(stages, streamed)),
  // Its sums begin with biases that the compiler calls its library to copy.
  Number(stages.slice(0, streamed).some(({ op, shape }) => op === 'dense' && shape.channels >= 4)),
];

/** Rows go around a ring of as many as are no power of two, or pools of such a stride are folded: either takes a division. */
function goesAround(stages: readonly Stage[], streamed: number): boolean {
  const first = stages.slice(0, streamed);
  if (first.some((stage) => stage.window && intakeOf(stage) === 'fold' && isDivision(stage.window.strideY))) return true;
  const [input] = stages.flatMap((stage) => stage.inputShapes.filter((_, i) => stage.inputs[i] === INPUT));
  if (!input) return false; // a part of a network
  const depths = ringDepths(input, stages);
  const isStreamed = (tensor: string) => stages.every((stage, i) => i < streamed || !stage.inputs.includes(tensor));
  const heights = new Map([[INPUT, input.height], ...first.map(({ name, shape }) => [name, shape.height] as const)]);
  return [...heights].some(([tensor, height]) => {
    const depth = isStreamed(tensor) ? Math.min(depths.get(tensor)!, height) : height;
    return (depth < height || tensor === INPUT) && isDivision(depth);
  });
}

const isDivision = (by: number): boolean => (by & (by - 1)) !== 0;
