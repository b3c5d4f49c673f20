import { once } from '../network/once.ts';
import type { Stage } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { INPUTS } from './join.ts';
import { canRequantize } from './requantize.ts';

/** Counters are compared with constants of a byte. */
const LONGEST_SIDE = 250;
/** Each may have four bytes of counters, which lie within reach of an offset of a byte. */
const MOST_STAGES = 60;

/** Why a network is left to the C compiler; undefined where machine code can be written for it. */
export const unsupported = once((stages: readonly (Stage & Partial<QuantizedStage>)[]): string | undefined => {
  const shapes = stages.flatMap(({ shape, inputShapes }) => [shape, ...inputShapes]);
  if (shapes.some(({ height, width }) => height > LONGEST_SIDE || width > LONGEST_SIDE)) return `a side is longer than ${LONGEST_SIDE}`;
  if (stages.length > MOST_STAGES) return `it has more than ${MOST_STAGES} stages`;
  return stages.map(unsupportedStage).find((reason) => reason !== undefined);
});

function unsupportedStage({ name, inputs, rescale, weights }: Stage & Partial<QuantizedStage>): string | undefined {
  if (inputs.length > INPUTS.length) return `${name} joins more than ${INPUTS.length} tensors`;
  if (!rescale || !weights) return undefined;
  const most =
    weights.bias.reduce((largest, bias) => Math.max(largest, Math.abs(bias)), 0) +
    512 * 127 * (weights.weight.length / weights.bias.length);
  const scaling = { largest: Math.max(...rescale.multipliers), shift: rescale.shift, range: { least: -most, most } };
  return canRequantize(scaling) ? undefined : `sums of ${name} times their multipliers take more than 32 bits`;
}
