import { encodeFor, type Stored } from '../../plan/encoding.ts';
import { pack } from '../../quantize/bits.ts';
import { encodeBitmap, encodeRun, entryBytes, nonZeros } from '../../quantize/nonzeros.ts';
import type { StageContext } from '../context.ts';
import { lines, table } from '../text.ts';
import { product } from './weights.ts';

/** How the weights lie. */
export const storedAs = ({ stage, leastFlash }: StageContext): Stored => encodeFor(stage, nonZeros(stage.weights!.weight), leastFlash);

/** Whether only those that are not zero are there: as runs, or under a bitmap. */
export const isSparse = (context: StageContext): boolean => storedAs(context).encoding !== 'table';

/** The bits of each weight of a table where several lie in a byte. */
export function asPacked(context: StageContext): 4 | 2 | undefined {
  const { encoding, bits } = storedAs(context);
  return encoding === 'table' && bits !== 8 ? bits : undefined;
}

export const packedBytes = (count: number, bits: 4 | 2): number => Math.ceil((count * bits) / 8);

/** The table of all weights. Where several lie in a byte, each stretch of so many begins one. */
export function fullTable(context: StageContext, length: number): string {
  const { stage, symbol } = context;
  const { weight } = stage.weights!;
  const bits = asPacked(context);
  if (!bits) return table('int8_t', `${symbol}_weight`, weight);
  const stretches = Array.from({ length: weight.length / length }, (_, i) => pack(weight.subarray(i * length, (i + 1) * length), bits));
  return table('uint8_t', `${symbol}_packed`, stretches.flat());
}

/** C of the weight at place `i` of the stretch that begins at `w`. */
export function weightAt(context: StageContext, w: string, i: string): string {
  const bits = asPacked(context);
  return bits ? `PACKED_${bits}(${w}, ${i})` : `READ_8(${w} + ${i})`;
}

/** The table of a sparse stage, of stretches in the order in which they are read. */
export const sparseTable = (context: StageContext, stretches: readonly (readonly number[])[]): string =>
  table('uint8_t', sparseName(context), stretches.flat());

export const sparseName = (context: StageContext): string => `${context.symbol}_${storedAs(context).encoding}`;

export function encodeStretch(context: StageContext, weights: Int8Array): number[] {
  const { encoding, bits } = storedAs(context);
  return encoding === 'runs' ? encodeRun(weights, bits) : encodeBitmap(weights);
}

/**
 * C that adds a stretch to `sum` and moves `run` behind it; `in` points to its first input, and `move` is C that moves it on by so many
 * elements.
 */
export function addStretch(context: StageContext, length: number, move: (by: string) => string): string {
  const { encoding, bits } = storedAs(context);
  if (encoding === 'bitmap')
    return overBitmap(
      length,
      lines(
        0,
        'if (marks & 1) {',
        `    sum += ${product(context, '*in', '(int8_t)READ_U8(run)')};`,
        '    ++run;',
        '}',
        `if (n + 1 < ${length}) {`,
        lines(1, move('1')),
        '}',
      ),
    );
  if (bits === 8)
    return lines(
      0,
      'for (uint_fast8_t n = READ_U8(run++); n > 0; --n, run += 2) {',
      '    const uint8_t step = READ_U8(run);',
      lines(1, move('step')),
      `    sum += ${product(context, '*in', '(int8_t)READ_U8(run + 1)')};`,
      '}',
    );
  return lines(
    0,
    'for (uint_fast8_t n = READ_U8(run++); n > 0; --n) {',
    '    const uint8_t entry = READ_U8(run++);',
    `    const uint8_t step = entry & ${2 ** (8 - bits) - 1};`,
    lines(1, move('step')),
    `    sum += ${product(context, '*in', `PACKED(entry, 0, ${8 - bits})`)};`,
    '}',
  );
}

/** C that moves `run` behind a stretch. */
export function skipStretch(context: StageContext, length: number): string {
  const { encoding, bits } = storedAs(context);
  return encoding === 'bitmap' ? overBitmap(length, 'run += marks & 1;') : `run += 1 + ${entryBytes(bits)} * READ_U8(run);`;
}

/** Visits the marks of a stretch, the lowest of `marks` being that of weight `n`. */
const overBitmap = (length: number, body: string): string =>
  lines(
    0,
    `for (unsigned n = 0, marks = 0; n < ${length}; ++n, marks >>= 1) {`,
    '    if (n % 8 == 0)',
    '        marks = READ_U8(run++);',
    lines(1, body),
    '}',
  );
