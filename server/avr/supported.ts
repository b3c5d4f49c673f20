import { once } from '../network/once.ts';
import type { Stage } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { MOST_INPUTS } from './join.ts';
import { LEAST_SHIFT } from './requantize.ts';
import { LONGEST_SIDE, LONGEST_SPAN } from './wide.ts';

type Stages = readonly (Stage & Partial<QuantizedStage>)[];

/** Rows are numbers of two bytes with a sign. */
const MOST_ROWS = 30_000;

/** Why a network is left to the C compiler; undefined where machine code can be written for it. */
export const unsupported = (stages: Stages, unit: 'row' | 'pixel'): string | undefined =>
  (unit === 'pixel' ? tooTall(stages) : undefined) ?? byStage(stages);

const byStage = once((stages: Stages) => sides(stages, MOST_ROWS) ?? stages.map(unsupportedStage).find((reason) => reason !== undefined));

const tooTall = once((stages: Stages) => sides(stages, LONGEST_SIDE));

function sides(stages: Stages, mostRows: number): string | undefined {
  const shapes = stages.flatMap(({ shape, inputShapes }) => [shape, ...inputShapes]);
  if (shapes.some(({ width }) => width > LONGEST_SIDE)) return `a row is longer than ${LONGEST_SIDE}`;
  return shapes.some(({ height }) => height > mostRows) ? `there are more than ${mostRows} rows` : undefined;
}

function unsupportedStage({ name, op, inputs, inputShapes, window, rescale }: Stages[number]): string | undefined {
  if (inputs.length > MOST_INPUTS) return `${name} joins more than ${MOST_INPUTS} tensors`;
  if (rescale && op !== 'add' && op !== 'concat' && rescale.shift < LEAST_SHIFT) return `${name} is scaled up`;
  if (!window) return undefined;
  const [input] = inputShapes;
  const { kernelX, rows, columns, padTop, strideY, strideX, spanY, spanX } = window;
  if (op === 'conv2d' && kernelX * input.channels > 256) return `a kernel row of ${name} is longer than 256`;
  const isGlobal = op !== 'conv2d' && rows === 1 && columns === 1 && padTop === 0 && spanY <= input.height;
  const stepsFar = input.height > LONGEST_SIDE ? !isGlobal && Math.max(spanY, strideY) > LONGEST_SPAN : (rows - 1) * strideY + spanY > 250;
  if (stepsFar || (columns - 1) * strideX + spanX > 250) return `${name} steps too far`;
  return undefined;
}
