import type { Stage } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { MOST_INPUTS } from './join.ts';
import { LEAST_SHIFT } from './requantize.ts';

/** Counters are compared in one byte. */
const LONGEST_SIDE = 200;
/** Bytes of counters that a displacement reaches, and what a stage takes of them at most. */
const MOST_COUNTERS = 62;
const COUNTERS = { row: 2, pixel: 4 };

/** Why a network is left to the C compiler; undefined where machine code can be written for it. */
export function unsupported(
  stages: readonly (Stage & Partial<QuantizedStage>)[],
  streamed: number,
  unit: 'row' | 'pixel',
): string | undefined {
  const shapes = stages.flatMap(({ shape, inputShapes }) => [shape, ...inputShapes]);
  if (shapes.some(({ height, width }) => height > LONGEST_SIDE || width > LONGEST_SIDE)) return `a side is longer than ${LONGEST_SIDE}`;
  if ((streamed + 1) * COUNTERS[unit] > MOST_COUNTERS) return 'it has more counters than a displacement reaches';
  return stages.map(unsupportedStage).find((reason) => reason !== undefined);
}

function unsupportedStage({ name, op, inputs, inputShapes, window, rescale }: Stage & Partial<QuantizedStage>): string | undefined {
  if (inputs.length > MOST_INPUTS) return `${name} joins more than ${MOST_INPUTS} tensors`;
  if (rescale && op !== 'add' && op !== 'concat' && rescale.shift < LEAST_SHIFT) return `${name} is scaled up`;
  if (!window) return undefined;
  const { kernelX, rows, columns, strideY, strideX, spanY, spanX } = window;
  if (op === 'conv2d' && kernelX * inputShapes[0].channels > 256) return `a kernel row of ${name} is longer than 256`;
  if (rows * strideY + spanY > 250 || columns * strideX + spanX > 250) return `${name} steps too far`;
  return undefined;
}
