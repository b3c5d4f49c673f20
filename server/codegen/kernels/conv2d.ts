import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines, table } from '../text.ts';
import { addRun, asRuns, encodeRun, product, weightTables } from './weights.ts';
import { horizontalSpan, rowFunction, rowPointers, verticalSpan } from './window.ts';

/** Taps of one kernel row are contiguous in the input row and in the weights, so the inner loop runs over both at once. */
export function conv2d(context: StageContext): string {
  const { stage } = context;
  const { weight } = stage.weights!;
  if (!asRuns(context))
    return lines(0, weightTables(context, table('int8_t', `${stage.name}_weight`, weight)), '', rowFunction(context, fromTable(context)));
  const length = stage.window!.kernelX * stage.inputShapes[0].channels;
  const runs = Array.from({ length: weight.length / length }, (_, i) => encodeRun(weight.subarray(i * length, (i + 1) * length))).flat();
  return lines(0, weightTables(context, table('uint8_t', `${stage.name}_runs`, runs)), '', rowFunction(context, fromRuns(context)));
}

function fromTable(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelY, kernelX, strideX, padLeft, columns } = stage.window!;
  const channels = stage.inputShapes[0].channels;
  const vertical = verticalSpan(context);
  const horizontal = horizontalSpan(context);
  const run = kernelX * channels;
  const start = horizontal.clipped
    ? `(x * ${strideX} + left${padLeft > 0 ? ` - ${padLeft}` : ''}) * ${channels}`
    : `x * ${strideX * channels}`;
  const count = horizontal.clipped ? `(right - left) * ${channels}` : `${run}`;
  const skipped = horizontal.clipped ? ` + ky * ${run} + left * ${channels}` : ` + ky * ${run}`;
  return lines(
    0,
    rowPointers(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    horizontal.clipped && `    const unsigned left = ${horizontal.left};`,
    horizontal.clipped && `    const unsigned right = ${horizontal.right};`,
    `    const int8_t *weight = ${stage.name}_weight;`,
    `    for (unsigned filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    `        int32_t sum = READ_32(${stage.name}_bias + filter);`,
    `        for (unsigned ky = ${vertical.clipped ? 'top' : 0}; ky < ${vertical.clipped ? 'bottom' : kernelY}; ++ky) {`,
    `            const ${inputs[0].type} *in = rows[ky] + ${start};`,
    `            const int8_t *w = weight${skipped};`,
    `            for (unsigned n = ${count}; n > 0; --n, ++in, ++w)`,
    `                sum += ${product(context, '*in', 'READ_8(w)')};`,
    `        }`,
    lines(2, store(context)),
    `        weight += ${kernelY * run};`,
    `    }`,
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
    `    const uint8_t *run = ${stage.name}_runs;`,
    `    for (unsigned filter = 0; filter < ${stage.shape.channels}; ++filter) {`,
    `        int32_t sum = READ_32(${stage.name}_bias + filter);`,
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

const store = ({ stage }: StageContext): string =>
  stage.raw ? '*output++ = sum;' : finish(stage, `READ_16(${stage.name}_multiplier + filter)`);
