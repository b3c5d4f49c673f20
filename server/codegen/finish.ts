import { shiftOf } from '../quantize/arithmetic.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { type Bounds, fits24, type Range } from './range.ts';
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

/**
 * C that stores the output of a sum whose filter, and so its multiplier, is known, by `*output++ = ...`. Sums that saturate are clipped before
 * they are multiplied: then 32 bits hold the product, and the result needs no clamp.
 */
export function finishLiteral(stage: QuantizedStage, sum: string, filter: number, range: Range): string {
  const { shift, multipliers } = stage.rescale!;
  const multiplier = multipliers[filter];
  const plain = shiftOf(multiplier, shift);
  if (multiplier === 0) return `(void)${sum}; *output++ = ${Math.max(stage.low, Math.min(stage.high, 0))};`;
  const [by, places] = plain === undefined ? [multiplier, shift] : [1, plain];
  const half = 2 ** (places - 1);
  // All that is negative becomes zero where nothing lower is kept.
  const least = stage.low === 0 ? 0 : Math.ceil(Math.max(stage.low * 2 ** places - half, -(2 ** 31)) / by);
  const most = Math.floor(((stage.high + 1) * 2 ** places - half - 1) / by);
  const clipped = [range.most > most && `AT_MOST(${sum}, ${most});`, range.least < least && `AT_LEAST(${sum}, ${least});`];
  const store = (value: string) => [...clipped, `*output++ = ${value};`].filter(Boolean).join(' ');
  if (plain !== undefined && places < 31) return store(`SHIFTED(${sum}, ${places}, ${stage.low}, ${stage.high})`);
  if (shift >= 17 && shift <= 24) return store(`SCALED(${sum}, ${multiplier}, ${shift}, ${stage.low}, ${stage.high})`);
  const bounds = { sum: Math.max(-range.least, range.most), high: Math.ceil((Math.max(-range.least, range.most) * multiplier) / 2 ** 16) };
  const type = fits24(bounds) ? 'sum24' : 'int32_t';
  return lines(0, '{', lines(1, `const ${type} sum = ${sum};`, finish(stage, String(multiplier), bounds)), '}');
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
  ...(code.includes('SCALED(') || code.includes('SHIFTED(') ? [SATURATION] : []),
  ...(code.includes('multiply_high(') ? [MULTIPLY_HIGH] : []),
  ...(code.includes('multiply_high24(') ? [MULTIPLY_HIGH_24] : []),
  ...(code.includes('SHIFT_RIGHT(') ? [SHIFT_RIGHT] : []),
];

const MULTIPLY_HIGH = `/* floor(sum * multiplier / 65536), exactly, in two 16-bit products. */
static inline int32_t multiply_high(int32_t sum, int16_t multiplier)
{
    const int32_t high = (int32_t)(int16_t)(sum >> 16) * multiplier;
    const uint32_t low = (uint32_t)(uint16_t)sum * (uint16_t)multiplier;
    return high + (int32_t)(low >> 16);
}`;

const MULTIPLY_HIGH_24 = `/* floor(sum * multiplier / 65536), exactly. */
static inline sum24 multiply_high24(sum24 sum, int16_t multiplier)
{
    const int32_t high = (int32_t)(int16_t)(sum >> 16) * multiplier;
    const uint32_t low = (uint32_t)(uint16_t)sum * (uint16_t)multiplier;
    return (sum24)(high + (int32_t)(low >> 16));
}`;

/**
 * round(sum * multiplier / 2^shift) in low..high, and the same by shifting alone. Cores that saturate do so afterwards; for the others a sum is
 * clipped before, to what does not saturate.
 */
const SATURATION = `#if defined(__ARM_FEATURE_SAT) && __ARM_ARCH >= 7
#define AT_LEAST(sum, least)
#define AT_MOST(sum, most)
#define KEPT(value, low, high) (int8_t)kept(value, low, high)
#define SHIFTED(sum, shift, low, high) KEPT(((sum) + (INT32_C(1) << ((shift) - 1))) >> (shift), low, high)
#define SCALED(sum, multiplier, shift, low, high) KEPT(highest((sum), (int32_t)(multiplier) << (32 - (shift))), low, high)
static inline int32_t kept(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}
static inline int32_t highest(int32_t sum, int32_t by)
{
    return (int32_t)(((int64_t)sum * by + INT64_C(0x80000000)) >> 32);
}
#else
#if defined(__AVR__)
#define AT_LEAST(sum, least) do { if (sum < (least)) sum = (least); } while (0)
#else
#define AT_LEAST(sum, least) do { if ((least) == 0) sum &= ~(sum >> 31); else if (sum < (least)) sum = (least); } while (0)
#endif
#define AT_MOST(sum, most) do { if (sum > (most)) sum = (most); } while (0)
#define SHIFTED(sum, shift, low, high) (int8_t)(((sum) + (INT32_C(1) << ((shift) - 1))) >> (shift))
#if defined(__AVR__) && defined(WEIGHTS_AS_CONSTANTS)
#define SCALED(sum, multiplier, shift, low, high) \\
    (int8_t)((int16_t)(scaled((sum24)(sum), multiplier) - ((low) < 0 && sum < 0 ? (int16_t)((uint16_t)(multiplier) << 8) : 0) \\
        + (1 << ((shift) - 17))) >> ((shift) - 16))
/* Takes the sum as one without sign: what that adds to a negative one is 2^24. */
static inline uint16_t bytes_product(uint8_t a, uint8_t b)
{
    __asm__("" : "+r"(a), "+r"(b)); /* else they would be widened, and multiplied as 16 bits by 16 */
    return (uint16_t)(a * b);
}
static STAGE __attribute__((unused)) int16_t scaled(sum24 sum, uint16_t multiplier)
{
    const uint8_t a = (uint8_t)sum, b = (uint8_t)(sum >> 8), c = (uint8_t)(sum >> 16);
    const uint8_t low = (uint8_t)multiplier, high = (uint8_t)(multiplier >> 8);
    const uint16_t first = (uint16_t)(bytes_product(a, high) + (bytes_product(a, low) >> 8));
    const uint16_t second = (uint16_t)(bytes_product(b, low) + (first & 255u));
    const uint16_t third = (uint16_t)(bytes_product(b, high) + bytes_product(c, low) + (first >> 8) + (second >> 8));
    return (int16_t)(third + (uint16_t)(bytes_product(c, high) << 8));
}
#else
#define SCALED(sum, multiplier, shift, low, high) (int8_t)((((sum) * (int32_t)(multiplier) >> ((shift) - 1)) + 1) >> 1)
#endif
#endif`;

const SHIFT_RIGHT = `/* By 8 bits is a move of bytes on an 8-bit machine. */
#if defined(__AVR__)
#define SHIFT_RIGHT(value, bits) ((value) * (1 << (8 - (bits))) >> 8)
#else
#define SHIFT_RIGHT(value, bits) ((value) >> (bits))
#endif`;
