import type { QuantizedStage } from '../quantize/network.ts';
import { lines } from './text.ts';

/**
 * C statements that turn `sum` into the stage's int8 output, storing it by `*output++ = ...`; the arithmetic of `requantize`, exactly.
 *
 * A shift of 17 or more needs no 64-bit product: floor(sum * multiplier / 2^16) is exact in two 16-bit products, and the rounding term is a
 * multiple of 2^16. A smaller shift is brought to 17 by doubling the sum; a sum too large for that saturates in any case (times a multiplier
 * of at least 1 it is beyond int8), so it is clipped first.
 */
export function finish(stage: QuantizedStage, multiplier: string): string {
  const doublings = Math.max(0, 17 - stage.rescale!.shift);
  const shift = stage.rescale!.shift + doublings;
  const largest = 2 ** (31 - doublings) - 1;
  const lift =
    doublings > 0 &&
    lines(0, `if (sum < -${largest}) sum = -${largest};`, `if (sum > ${largest}) sum = ${largest};`, `sum *= (int32_t)${2 ** doublings};`);
  const scaled = `sum = (multiply_high(sum, ${multiplier}) + ${2 ** (shift - 17)}) >> ${shift - 16};`;
  return lines(0, lift, scaled, clamp(stage), '*output++ = (int8_t)sum;');
}

/** The same for sums of products with multipliers (add, concat): one shift is left to do. */
export function finishJoin(stage: QuantizedStage): string {
  const shift = stage.rescale!.shift;
  return lines(0, `sum = (sum + ${2 ** (shift - 1)}) >> ${shift};`, clamp(stage), '*output++ = (int8_t)sum;');
}

function clamp(stage: QuantizedStage): string {
  if (stage.encoding.zeroPoint !== 0) throw new Error(`${stage.name}: a requantised tensor has zero point 0`);
  return lines(0, `if (sum < ${stage.low}) sum = ${stage.low};`, `if (sum > ${stage.high}) sum = ${stage.high};`);
}

/** Whether some stage needs the exact high product. */
export const needsMultiplyHigh = (stage: QuantizedStage): boolean =>
  stage.op !== 'add' && stage.op !== 'concat' && stage.rescale !== undefined;

export const MULTIPLY_HIGH = `/* floor(sum * multiplier / 65536), exactly, in two 16-bit products. */
static int32_t multiply_high(int32_t sum, int16_t multiplier)
{
    const int32_t high = (int32_t)(int16_t)(sum >> 16) * multiplier;
    const uint32_t low = (uint32_t)(uint16_t)sum * (uint16_t)multiplier;
    return high + (int32_t)(low >> 16);
}`;
