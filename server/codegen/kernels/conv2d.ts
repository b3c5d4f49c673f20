import { isWrittenOut, liesApart } from '../../plan/weights.ts';
import { encodeRun } from '../../quantize/nonzeros.ts';
import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines, table } from '../text.ts';
import { asConstants, fromConstants } from './constants.ts';
import { addProducts, addRun, sumBounds, sumTypeOf } from './products.ts';
import { asRuns, weightTables } from './weights.ts';
import { horizontalSpan, namedRows, rowFunction, rowPointers, verticalSpan } from './window.ts';

/** Taps of one kernel row are contiguous in the input row and in the weights, so the inner loop runs over both at once. */
export function conv2d(context: StageContext): string {
  return asConstants(context) ? `#ifdef WEIGHTS_AS_CONSTANTS\n${fromConstants(context)}\n#else\n${plain(context)}\n#endif` : plain(context);
}

function plain(context: StageContext): string {
  const { stage } = context;
  const { weight } = stage.weights!;
  const length = stage.window!.kernelX * stage.inputShapes[0].channels;
  if (!asRuns(context)) {
    const body = isWrittenOut(stage) ? withoutBorder(context, length) : fromTable(context, length);
    return lines(0, weightTables(context, table('int8_t', `${context.symbol}_weight`, weight)), '', rowFunction(context, body));
  }
  const runs = Array.from({ length: weight.length / length }, (_, i) => encodeRun(weight.subarray(i * length, (i + 1) * length))).flat();
  return lines(0, weightTables(context, table('uint8_t', `${context.symbol}_runs`, runs)), '', rowFunction(context, fromRuns(context)));
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
  const count = horizontal.clipped ? `(right - left) * ${channels}` : length;
  const skipped = horizontal.clipped ? ` + ky * ${length} + left * ${channels}` : ` + ky * ${length}`;
  return lines(
    0,
    rowPointers(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    horizontal.clipped && `    const unsigned left = ${horizontal.left};`,
    horizontal.clipped && `    const unsigned right = ${horizontal.right};`,
    `    const int8_t *weight = ${context.symbol}_weight;`,
    `    for (uint_fast8_t filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    lines(2, beginSum(context)),
    `        for (unsigned ky = ${vertical.clipped ? 'top' : 0}; ky < ${vertical.clipped ? 'bottom' : kernelY}; ++ky) {`,
    !apart && `            const ${inputs[0].type} *in = rows[ky] + ${start};`,
    `            const int8_t *w = weight${skipped};`,
    lines(3, apart ? tapByTap(context) : addProducts(context, count)),
    `        }`,
    lines(2, store(context)),
    `        weight += ${kernelY * length};`,
    `    }`,
    `}`,
  );
}

/** The taps of a dilated kernel row, each with its channels side by side. */
function tapByTap(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelX, dilationX, strideX, padLeft } = stage.window!;
  const channels = stage.inputShapes[0].channels;
  const { clipped } = horizontalSpan(context);
  const column = `x * ${strideX} + kx * ${dilationX}${padLeft > 0 ? ` - ${padLeft}` : ''}`;
  return lines(
    0,
    `for (unsigned kx = ${clipped ? 'left' : 0}; kx < ${clipped ? 'right' : kernelX}; ++kx) {`,
    `    const ${inputs[0].type} *in = rows[ky] + (${column})${channels > 1 ? ` * ${channels}` : ''};`,
    lines(1, addProducts(context, channels)),
    `}`,
  );
}

/** Only the weights that are not zero. Windows lie within the input from left to right; kernel rows beyond it are passed over. */
function fromRuns(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelY, strideX, columns } = stage.window!;
  const { clipped } = verticalSpan(context);
  return lines(
    0,
    rowPointers(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    `    const uint8_t *run = ${context.symbol}_runs;`,
    `    for (uint_fast8_t filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    lines(2, beginSum(context)),
    `        for (unsigned ky = 0; ky < ${kernelY}; ++ky) {`,
    clipped &&
      `            if (ky < top || ky >= bottom) {\n                run += 1 + 2 * READ_U8(run);\n                continue;\n            }`,
    `            const ${inputs[0].type} *in = rows[ky] + x * ${strideX * stage.inputShapes[0].channels};`,
    lines(3, addRun(context)),
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
