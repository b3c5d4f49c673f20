import { once } from '../network/once.ts';
import type { Stage } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { MOST_INPUTS } from './join.ts';
import { LEAST_SHIFT } from './requantize.ts';

/** Counters are compared in one byte. */
const LONGEST_SIDE = 200;

/** Why a network is left to the C compiler; undefined where machine code can be written for it. */
export const unsupported = once((stages: readonly (Stage & Partial<QuantizedStage>)[]): string | undefined => {
  const shapes = stages.flatMap(({ shape, inputShapes }) => [shape, ...inputShapes]);
  if (shapes.some(({ height, width }) => height > LONGEST_SIDE || width > LONGEST_SIDE)) return `a side is longer than ${LONGEST_SIDE}`;
  return stages.map(unsupportedStage).find((reason) => reason !== undefined);
});

function unsupportedStage({ name, op, inputs, inputShapes, window, rescale }: Stage & Partial<QuantizedStage>): string | undefined {
  if (inputs.length > MOST_INPUTS) return `${name} joins more than ${MOST_INPUTS} tensors`;
  if (rescale && op !== 'add' && op !== 'concat' && rescale.shift < LEAST_SHIFT) return `${name} is scaled up`;
  if (!window) return undefined;
  const { kernelX, rows, columns, strideY, strideX, spanY, spanX } = window;
  if (op === 'conv2d' && kernelX * inputShapes[0].channels > 256) return `a kernel row of ${name} is longer than 256`;
  if (rows * strideY + spanY > 250 || columns * strideX + spanX > 250) return `${name} steps too far`;
  return undefined;
}
