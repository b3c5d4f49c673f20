import { unrolled } from '../../plan/weights.ts';
import type { StageContext } from '../context.ts';
import { type Bounds, boundsOf, fits24, largestTap } from '../range.ts';
import { lines } from '../text.ts';
import { addStretch, storedAs } from './stored.ts';
import { foldedBias, product, subtractsZeroPoint } from './weights.ts';

export const sumBounds = (context: StageContext): Bounds =>
  boundsOf(context.stage, foldedBias(context), largestTap(context.inputs[0], zeroPointOf(context)));

/** The type of the stage's sums: 24 bits where none needs more. */
export const sumTypeOf = (context: StageContext): 'sum24' | 'int32_t' => (fits24(sumBounds(context)) ? 'sum24' : 'int32_t');

/** C that adds to `sum` the products of `count` inputs at `in` and weights at `w`, and moves both behind them. */
export function addProducts(context: StageContext, count: number | string): string {
  if (sumTypeOf(context) !== 'sum24')
    return `for (unsigned n = ${count}; n > 0; --n, ++in, ++w)\n    sum += ${product(context, '*in', 'READ_8(w)')};`;
  const taps = typeof count === 'number' ? unrolled(count) : 1;
  const operands = `${kind(context)}, ${zeroPointOf(context)}, sum, in, w, ${taps}`;
  return taps === count ? `ADD_TAPS(${operands});` : `ADD_ROUNDS(${operands}, ${typeof count === 'number' ? count / taps : count});`;
}

/** C that adds to `sum` the products of `count` inputs at `in` and weights of so many bits at `w`, and moves both behind them. */
export function addPacked(context: StageContext, bits: 4 | 2, count: number): string {
  const each = 8 / bits;
  const ofByte = (weights: number) =>
    lines(
      0,
      'const uint8_t packed = READ_U8(w++);',
      ...Array.from({ length: weights }, (_, i) => {
        const weight = `PACKED(packed, ${8 - bits * (i + 1)}, ${8 - bits})`;
        return `sum += ${product(context, '*in', weight)};\n++in;`;
      }),
    );
  const [bytes, rest] = [Math.floor(count / each), count % each];
  return lines(
    0,
    bytes > 0 && `for (unsigned n = ${bytes}; n > 0; --n) {\n${lines(1, ofByte(each))}\n}`,
    rest > 0 && `{\n${lines(1, ofByte(rest))}\n}`,
  );
}

/** C that adds to `sum0` and `sum1` the products of `count` inputs at `input` and weights at `w`, and at `w` and `apart`. */
export const addToTwo = (context: StageContext, count: number, apart: number): string =>
  `ADD_TO_TWO(${kind(context)}, ${zeroPointOf(context)}, sum0, sum1, input, w, ${apart}, ${count});`;

/** C that adds a stretch of so many weights, those that are not zero, to `sum` and moves `run` behind it; `in` points to its first input. */
export function addSparse(context: StageContext, length: number): string {
  const { encoding, bits } = storedAs(context);
  const isPlainRun = encoding === 'runs' && bits === 8 && sumTypeOf(context) === 'sum24';
  return isPlainRun
    ? `ADD_RUN(${kind(context)}, ${zeroPointOf(context)}, sum, in, run);`
    : addStretch(context, length, (by) => (by === '1' ? '++in;' : `in += ${by};`));
}

export const zeroPointOf = (context: StageContext): number => (subtractsZeroPoint(context) ? context.inputs[0].zeroPoint : 0);

/** `U8` and `I8` are bytes as they are, `Z8` unsigned bytes relative to a zero point. */
export function kind(context: StageContext): 'U8' | 'I8' | 'Z8' {
  if (zeroPointOf(context) !== 0) return 'Z8';
  return context.inputs[0].type === 'uint8_t' ? 'U8' : 'I8';
}
