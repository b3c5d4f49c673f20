import { type Stage, weightCount } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { INPUTS } from './join.ts';
import { canRequantize } from './requantize.ts';

/** Counters are compared with constants of a byte. */
const LONGEST_SIDE = 250;
/** A counter lies within reach of an offset of a byte; what a stage takes of them at most. */
const MOST_COUNTERS = 250;
const COUNTERS = { row: 2, pixel: 4 };
/** Tables lie within reach of 16 bits. */
const MOST_WEIGHTS = 24_000;
/** Why a network is left to the C compiler; undefined where machine code can be written for it. */
export function unsupported(
  stages: readonly (Stage & Partial<QuantizedStage>)[],
  streamed: number,
  unit: 'row' | 'pixel',
): string | undefined {
  const shapes = stages.flatMap(({ shape, inputShapes }) => [shape, ...inputShapes]);
  if (shapes.some(({ height, width }) => height > LONGEST_SIDE || width > LONGEST_SIDE)) return `a side is longer than ${LONGEST_SIDE}`;
  if ((streamed + 1) * COUNTERS[unit] > MOST_COUNTERS) return 'it has more counters than an offset reaches';
  if (stages.reduce((sum, stage) => sum + weightCount(stage), 0) > MOST_WEIGHTS) return `it has more than ${MOST_WEIGHTS} weights`;
  return stages.map(unsupportedStage).find((reason) => reason !== undefined);
}

function unsupportedStage({ name, inputs, rescale, weights }: Stage & Partial<QuantizedStage>): string | undefined {
  if (inputs.length > INPUTS.length) return `${name} joins more than ${INPUTS.length} tensors`;
  if (!rescale || !weights) return undefined;
  const most =
    weights.bias.reduce((largest, bias) => Math.max(largest, Math.abs(bias)), 0) +
    512 * 127 * (weights.weight.length / weights.bias.length);
  const scaling = { largest: Math.max(...rescale.multipliers), shift: rescale.shift, range: { least: -most, most } };
  return canRequantize(scaling) ? undefined : `sums of ${name} times their multipliers take more than 32 bits`;
}
