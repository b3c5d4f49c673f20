import { MOST_INPUTS } from './join.ts';
import type { Machine, Task } from './machine.ts';
import { LEAST_SHIFT } from './requantize.ts';

/** Why a network is left to the C compiler; undefined where machine code can be written for it. */
export function unsupported({ unit, input, tasks, counters }: Machine): string | undefined {
  if (unit === 'pixel') return 'it is streamed by pixels';
  const places = [input, ...tasks.map(({ output }) => output)];
  if (places.some(({ height, width }) => height > 200 || width > 200)) return 'a side is longer than 200';
  const addresses = [...counters.values()];
  if (Math.max(...addresses) - Math.min(...addresses) > 63) return 'it has more counters than a displacement reaches';
  return tasks.map(unsupportedTask).find((reason) => reason !== undefined);
}

function unsupportedTask({ stage, inputs }: Task): string | undefined {
  const { window } = stage;
  if (inputs.length > MOST_INPUTS) return `${stage.name} joins more than ${MOST_INPUTS} tensors`;
  if (stage.rescale && stage.op !== 'add' && stage.op !== 'concat' && stage.rescale.shift < LEAST_SHIFT)
    return `${stage.name} is scaled up`;
  if (!window) return undefined;
  const { kernelX, rows, columns, strideY, strideX, spanY, spanX } = window;
  if (stage.op === 'conv2d' && kernelX * inputs[0].channels > 256) return `a kernel row of ${stage.name} is longer than 256`;
  if (rows * strideY + spanY > 250 || columns * strideX + spanX > 250) return `${stage.name} steps too far`;
  return undefined;
}
