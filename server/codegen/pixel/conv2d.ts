import { unrolled } from '../../plan/weights.ts';
import type { StageContext } from '../context.ts';
import { eachAt, rowWeights } from '../kernels/conv2d.ts';
import { addProducts, kind, sumTypeOf, zeroPointOf } from '../kernels/products.ts';
import { addStretch, asPacked, encodeStretch, fullTable, isSparse, skipStretch, sparseName, sparseTable } from '../kernels/stored.ts';
import { weightTables } from '../kernels/weights.ts';
import { horizontalSpan, verticalSpan } from '../kernels/window.ts';
import { lines, table } from '../text.ts';
import { isRing } from './place.ts';
import { afresh, moveBy, pixelFunction, store, walk } from './window.ts';

/** One filter after the other sums up its window. */
export const conv2d = (context: StageContext): string => (isSparse(context) ? fromSparse(context) : fromTable(context));

/** Every weight. */
function fromTable(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelY, kernelX } = stage.window!;
  const { channels } = inputs[0];
  const clipped = { rows: verticalSpan(context).clipped, columns: horizontalSpan(context).clipped };
  const inOrder = !clipped.rows && !clipped.columns;
  const length = kernelX * channels;
  const { type, name, rowBytes } = rowWeights(context, length);
  const above = kernelY > 1 || clipped.rows ? ` + ky * ${rowBytes}` : '';
  const left = clipped.columns ? `left${channels > 1 ? ` * ${channels}` : ''}` : '';
  const first = `${name} + filter * ${kernelY * rowBytes}`;
  if (asPacked(context)) {
    const row = lines(0, `const ${type} *w = weight${above};`, `unsigned from = ${left || '0'};`);
    const tap = lines(0, eachAt(context, 'from', `from + ${channels}`), `from += ${channels};`);
    const products = walk(context).loop({ row, tap, moved: channels });
    return summing(context, fullTable(context, length), lines(0, `const ${type} *weight = ${first};`, products));
  }
  const row = inOrder ? undefined : `const ${type} *w = weight${above}${left && ` + ${left}`};`;
  const products = wholeWindow(context) ?? walk(context).loop({ row, tap: addProducts(context, channels), moved: channels });
  const weights = `const ${type} *${inOrder ? 'w' : 'weight'} = ${first};`;
  return summing(context, fullTable(context, length), lines(0, weights, products));
}

/** The sum is a function of its own: what its loops need is off the stack while the result is scaled. */
function summing(context: StageContext, tables: string, products: string): string {
  const { stage, symbol, state } = context;
  const type = sumTypeOf(context);
  const bias = `${type === 'sum24' ? '(sum24)' : ''}READ_32(${symbol}_bias + filter)`;
  const sum = lines(0, walk(context).begin, `${type} sum = ${bias};`, products, 'return sum;');
  const filters = lines(
    0,
    `for (uint_fast8_t filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    lines(1, afresh('state', 'filter'), `const ${type} sum = ${symbol}_sum(state, filter);`, store(context, 'filter')),
    `}`,
  );
  const head = `static STAGE ${type} ${symbol}_sum(const ${state} *state, uint_fast8_t filter)`;
  return [lines(0, weightTables(context, tables)), `${head}\n{\n${lines(1, sum)}\n}`, pixelFunction(context, filters)].join('\n\n');
}

/** Taps of a pixel that are written out, at most: a branch on AVR reaches no farther back. */
const MOST_TAPS = 4;

/** The window in one go, where it lies on the input in full and every kernel row is a stretch of the ring. */
function wholeWindow(context: StageContext): string | undefined {
  const { stage, inputs } = context;
  const [input] = inputs;
  const { kernelY, kernelX, dilationY, dilationX } = stage.window!;
  const taps = [4, 3, 2, 1].find((count) => count <= MOST_TAPS && unrolled(input.channels) % count === 0)!;
  const stretches = (kernelX * input.channels) / taps;
  const clipped = verticalSpan(context).clipped || horizontalSpan(context).clipped;
  if (clipped || !isRing(input) || sumTypeOf(context) !== 'sum24' || (dilationX > 1 && kernelX > 1) || stretches > 255) return undefined;
  const size = input.pixels * input.channels;
  const step = (dilationY * input.width - kernelX) * input.channels;
  const operands = [kind(context), zeroPointOf(context), 'sum', 'in', 'w', taps, stretches, kernelY, kernelY > 1 ? step : 0, 'end', size];
  return lines(
    0,
    `const ${input.type} *const end = ${input.base} + ${size};`,
    `const ${input.type} *in = ${input.base} + first${input.channels > 1 ? ` * ${input.channels}` : ''};`,
    `ADD_WINDOW(${operands.join(', ')});`,
  );
}

/** Only the weights that are not zero. Windows lie within the input from left to right; kernel rows beyond it are passed over. */
function fromSparse(context: StageContext): string {
  const { stage, symbol, inputs } = context;
  const { kernelY, kernelX } = stage.window!;
  const { weight } = stage.weights!;
  const length = kernelX * inputs[0].channels;
  const stretches = Array.from({ length: weight.length / length }, (_, i) =>
    encodeStretch(context, weight.subarray(i * length, (i + 1) * length)),
  );
  const starts = Array.from({ length: stage.shape.channels }, (_, filter) => stretches.slice(0, filter * kernelY).flat().length);
  const { clipped } = verticalSpan(context);
  const skipTo = (end: string, from = '0') =>
    clipped && lines(0, `for (unsigned ky = ${from}; ky < ${end}; ++ky) {`, lines(1, skipStretch(context, length)), '}');
  const products = lines(
    0,
    `const uint8_t *run = ${sparseName(context)} + READ_U16(${symbol}_starts + filter);`,
    skipTo('top'),
    walk(context).rows(addStretch(context, length, (by) => moveBy(inputs[0], by))),
  );
  const tables = lines(0, sparseTable(context, stretches), table('uint16_t', `${symbol}_starts`, starts));
  return summing(context, tables, products);
}
