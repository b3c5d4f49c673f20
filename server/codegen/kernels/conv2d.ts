import { isWrittenOut, liesApart } from '../../plan/weights.ts';
import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines } from '../text.ts';
import { asConstants, fromConstants } from './constants.ts';
import { addPacked, addProducts, addSparse, sumBounds, sumTypeOf } from './products.ts';
import { asPacked, encodeStretch, fullTable, isSparse, packedBytes, skipStretch, sparseName, sparseTable, weightAt } from './stored.ts';
import { product, weightTables } from './weights.ts';
import { horizontalSpan, namedRows, rowFunction, rowPointers, verticalSpan } from './window.ts';

/** Taps of one kernel row are contiguous in the input row and in the weights, so the inner loop runs over both at once. */
export function conv2d(context: StageContext): string {
  return asConstants(context) ? `#ifdef WEIGHTS_AS_CONSTANTS\n${fromConstants(context)}\n#else\n${plain(context)}\n#endif` : plain(context);
}

function plain(context: StageContext): string {
  const { stage } = context;
  const { weight } = stage.weights!;
  const length = stage.window!.kernelX * stage.inputShapes[0].channels;
  if (!isSparse(context)) {
    const body = isWrittenOut(stage) && !asPacked(context) ? withoutBorder(context, length) : fromTable(context, length);
    return lines(0, weightTables(context, fullTable(context, length)), '', rowFunction(context, body));
  }
  const stretches = Array.from({ length: weight.length / length }, (_, i) =>
    encodeStretch(context, weight.subarray(i * length, (i + 1) * length)),
  );
  const body = fromSparse(context, length);
  return lines(0, weightTables(context, sparseTable(context, stretches)), '', rowFunction(context, body));
}

/** C of where all weights begin, and of how far it is from a kernel row's to those of the next. */
export function rowWeights(context: StageContext, length: number): { type: 'int8_t' | 'uint8_t'; name: string; rowBytes: number } {
  const bits = asPacked(context);
  return bits
    ? { type: 'uint8_t', name: `${context.symbol}_packed`, rowBytes: packedBytes(length, bits) }
    : { type: 'int8_t', name: `${context.symbol}_weight`, rowBytes: length };
}

/** The whole window lies on the input, always. */
function withoutBorder(context: StageContext, length: number): string {
  const { stage, inputs } = context;
  const { kernelY, strideX, columns } = stage.window!;
  const rows = Array.from({ length: kernelY }, (_, ky) => ky);
  return lines(
    0,
    namedRows(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    `    const int8_t *w = ${context.symbol}_weight;`,
    `    for (uint_fast8_t filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    lines(2, beginSum(context)),
    `        const ${inputs[0].type} *in = row0;`,
    ...rows.map((ky) => lines(2, ky > 0 && `in = row${ky};`, addProducts(context, length))),
    lines(2, store(context)),
    `    }`,
    ...rows.map((ky) => `    row${ky} += ${strideX * stage.inputShapes[0].channels};`),
    `}`,
  );
}

function fromTable(context: StageContext, length: number): string {
  const { stage, inputs } = context;
  const { kernelY, strideX, padLeft, columns } = stage.window!;
  const channels = stage.inputShapes[0].channels;
  const vertical = verticalSpan(context);
  const horizontal = horizontalSpan(context);
  const apart = liesApart(stage);
  const start = horizontal.clipped
    ? `(x * ${strideX} + left${padLeft > 0 ? ` - ${padLeft}` : ''}) * ${channels}`
    : `x * ${strideX * channels}`;
  const { type, name, rowBytes } = rowWeights(context, length);
  return lines(
    0,
    rowPointers(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    horizontal.clipped && `    const unsigned left = ${horizontal.left};`,
    horizontal.clipped && `    const unsigned right = ${horizontal.right};`,
    `    const ${type} *weight = ${name};`,
    `    for (uint_fast8_t filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    lines(2, beginSum(context)),
    `        for (unsigned ky = ${vertical.clipped ? 'top' : 0}; ky < ${vertical.clipped ? 'bottom' : kernelY}; ++ky) {`,
    !apart && `            const ${inputs[0].type} *in = rows[ky] + ${start};`,
    `            const ${type} *w = weight + ky * ${rowBytes};`,
    lines(3, apart ? tapByTap(context) : sideBySide(context, length)),
    `        }`,
    lines(2, store(context)),
    `        weight += ${kernelY * rowBytes};`,
    `    }`,
    `}`,
  );
}

/** The taps of a kernel row, from `left` to `right` where the border clips it. */
function sideBySide(context: StageContext, length: number): string {
  const { channels } = context.stage.inputShapes[0];
  const bits = asPacked(context);
  const { clipped } = horizontalSpan(context);
  if (!clipped) return bits ? addPacked(context, bits, length) : addProducts(context, length);
  if (!bits) return lines(0, `w += left * ${channels};`, addProducts(context, `(right - left) * ${channels}`));
  return eachAt(context, `left * ${channels}`, `right * ${channels}`);
}

/** Packed weights one by one, from place `from` of a stretch on. */
export const eachAt = (context: StageContext, from: string, to: string): string =>
  lines(0, `for (unsigned i = ${from}; i < ${to}; ++i, ++in)`, `    sum += ${product(context, '*in', weightAt(context, 'w', 'i'))};`);

/** The taps of a dilated kernel row, each with its channels side by side. */
function tapByTap(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelX, dilationX, strideX, padLeft } = stage.window!;
  const channels = stage.inputShapes[0].channels;
  const { clipped } = horizontalSpan(context);
  const column = `x * ${strideX} + kx * ${dilationX}${padLeft > 0 ? ` - ${padLeft}` : ''}`;
  return lines(
    0,
    !asPacked(context) && clipped && `w += left * ${channels};`,
    `for (unsigned kx = ${clipped ? 'left' : 0}; kx < ${clipped ? 'right' : kernelX}; ++kx) {`,
    `    const ${inputs[0].type} *in = rows[ky] + (${column})${channels > 1 ? ` * ${channels}` : ''};`,
    lines(1, asPacked(context) ? eachAt(context, `kx * ${channels}`, `(kx + 1) * ${channels}`) : addProducts(context, channels)),
    `}`,
  );
}

/** Only the weights that are not zero. Windows lie within the input from left to right; kernel rows beyond it are passed over. */
function fromSparse(context: StageContext, length: number): string {
  const { stage, inputs } = context;
  const { kernelY, strideX, columns } = stage.window!;
  const { clipped } = verticalSpan(context);
  return lines(
    0,
    rowPointers(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    `    const uint8_t *run = ${sparseName(context)};`,
    `    for (uint_fast8_t filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    lines(2, beginSum(context)),
    `        for (unsigned ky = 0; ky < ${kernelY}; ++ky) {`,
    clipped && lines(3, 'if (ky < top || ky >= bottom) {', lines(1, skipStretch(context, length), 'continue;'), '}'),
    `            const ${inputs[0].type} *in = rows[ky] + x * ${strideX * stage.inputShapes[0].channels};`,
    lines(3, addSparse(context, length)),
    `        }`,
    lines(2, store(context)),
    `    }`,
    `}`,
  );
}

function beginSum(context: StageContext): string {
  const type = sumTypeOf(context);
  return `${type} sum = ${type === 'sum24' ? '(sum24)' : ''}READ_32(${context.symbol}_bias + filter);`;
}

const store = (context: StageContext): string =>
  context.stage.raw ? '*output++ = sum;' : finish(context.stage, `READ_16(${context.symbol}_multiplier + filter)`, sumBounds(context));
