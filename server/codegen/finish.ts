import type { QuantizedStage } from '../quantize/network.ts';
import { type Bounds, fits24 } from './range.ts';
import { lines } from './text.ts';

/**
 * C statements that turn `sum` into the stage's int8 output, storing it by `*output++ = ...`; the arithmetic of `requantize`, exactly.
 *
 * A shift of 17 or more needs no 64-bit product: floor(sum * multiplier / 2^16) is exact in two 16-bit products, and the rounding term is a
 * multiple of 2^16. A smaller shift is brought to 17 by doubling the sum; a sum too large for that saturates in any case (times a multiplier
 * of at least 1 it is beyond int8), so it is clipped first.
 */
export function finish(stage: QuantizedStage, multiplier: string, bounds: Bounds): string {
  const shift = stage.rescale!.shift;
  const statements = shift >= 17 && fits24(bounds) ? narrow(multiplier, shift - 16, bounds) : wide(multiplier, shift);
  return lines(0, statements, clamp(stage), '*output++ = (int8_t)value;');
}

function wide(multiplier: string, rescaleShift: number): string {
  const doublings = Math.max(0, 17 - rescaleShift);
  const shift = rescaleShift + doublings;
  const largest = 2 ** (31 - doublings) - 1;
  return lines(
    0,
    'int32_t value = sum;',
    doublings > 0 &&
      lines(
        0,
        `if (value < -${largest}) value = -${largest};`,
        `if (value > ${largest}) value = ${largest};`,
        `value *= (int32_t)${2 ** doublings};`,
      ),
    `value = (multiply_high(value, ${multiplier}) + ${2 ** (shift - 17)}) >> ${shift - 16};`,
  );
}

/** What is left to shift after the product's lower half is gone: on AVR a shift by 8 is a move, so smaller ones are brought to it. */
function narrow(multiplier: string, shift: number, { high }: Bounds): string {
  const rounding = 2 ** (shift - 1);
  const type = (high + rounding) / 2 ** shift < 32767 ? 'int_fast16_t' : 'int32_t';
  const product = `multiply_high24(sum, ${multiplier})`;
  const fits = shift <= 8 && (high + rounding) * 2 ** (8 - shift) < 2 ** 23;
  const value = fits ? `SHIFT_RIGHT(${product} + ${rounding}, ${shift})` : `(((int32_t)${product} + ${rounding}) >> ${shift})`;
  return `${type} value = (${type})${value};`;
}

/** The same for sums of products with multipliers (add, concat): one shift is left to do. */
export function finishJoin(stage: QuantizedStage): string {
  const shift = stage.rescale!.shift;
  return lines(0, `int32_t value = (sum + ${2 ** (shift - 1)}) >> ${shift};`, clamp(stage), '*output++ = (int8_t)value;');
}

function clamp(stage: QuantizedStage): string {
  if (stage.encoding.zeroPoint !== 0) throw new Error(`${stage.name}: a requantised tensor has zero point 0`);
  return lines(0, `if (value < ${stage.low}) value = ${stage.low};`, `if (value > ${stage.high}) value = ${stage.high};`);
}

/** The functions that finished sums call, as far as `code` does. */
export const scaling = (code: string): string[] => [
  ...(code.includes('multiply_high(') ? [MULTIPLY_HIGH] : []),
  ...(code.includes('multiply_high24(') ? [MULTIPLY_HIGH_24] : []),
  ...(code.includes('SHIFT_RIGHT(') ? [SHIFT_RIGHT] : []),
];

const MULTIPLY_HIGH = `/* floor(sum * multiplier / 65536), exactly, in two 16-bit products. */
static int32_t multiply_high(int32_t sum, int16_t multiplier)
{
    const int32_t high = (int32_t)(int16_t)(sum >> 16) * multiplier;
    const uint32_t low = (uint32_t)(uint16_t)sum * (uint16_t)multiplier;
    return high + (int32_t)(low >> 16);
}`;

const MULTIPLY_HIGH_24 = `/* floor(sum * multiplier / 65536), exactly. */
#if defined(__AVR_HAVE_MUL__) && !defined(SPARSE_PLAIN_C)
static __attribute__((noinline)) sum24 multiply_high24(sum24 sum, int16_t multiplier)
{
    sum24 high;
    uint8_t below, zero;
    __asm__("clr %[zero]\\n\\t"
        "mul %A[low], %A[by]\\n\\tmov %[below], r1\\n\\t"
        "mul %B[low], %B[by]\\n\\tmov %A[high], r0\\n\\tmov %B[high], r1\\n\\tclr %C[high]\\n\\t"
        "mul %A[low], %B[by]\\n\\tadd %[below], r0\\n\\tadc %A[high], r1\\n\\tadc %B[high], %[zero]\\n\\tadc %C[high], %[zero]\\n\\t"
        "mul %B[low], %A[by]\\n\\tadd %[below], r0\\n\\tadc %A[high], r1\\n\\tadc %B[high], %[zero]\\n\\tadc %C[high], %[zero]\\n\\t"
        "mulsu %[top], %A[by]\\n\\tsbc %C[high], %[zero]\\n\\tadd %A[high], r0\\n\\tadc %B[high], r1\\n\\tadc %C[high], %[zero]\\n\\t"
        "mulsu %[top], %B[by]\\n\\tadd %B[high], r0\\n\\tadc %C[high], r1\\n\\tclr r1"
        : [high] "=&r"(high), [below] "=&r"(below), [zero] "=&r"(zero)
        : [low] "r"((uint16_t)sum), [top] "a"((int8_t)(sum >> 16)), [by] "a"(multiplier));
    return high;
}
#else
static sum24 multiply_high24(sum24 sum, int16_t multiplier)
{
    const int32_t high = (int32_t)(int16_t)(sum >> 16) * multiplier;
    const uint32_t low = (uint32_t)(uint16_t)sum * (uint16_t)multiplier;
    return (sum24)(high + (int32_t)(low >> 16));
}
#endif`;

const SHIFT_RIGHT = `/* By 8 bits is a move of bytes on an 8-bit machine. */
#if defined(__AVR__)
#define SHIFT_RIGHT(value, bits) ((value) * (1 << (8 - (bits))) >> 8)
#else
#define SHIFT_RIGHT(value, bits) ((value) >> (bits))
#endif`;
