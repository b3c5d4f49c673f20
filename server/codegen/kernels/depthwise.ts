import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines, table } from '../text.ts';
import { sumBounds, sumTypeOf } from './products.ts';
import { product, weightTables } from './weights.ts';
import { horizontalSpan, rowFunction, rowPointers, verticalSpan } from './window.ts';

export function depthwise(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelY, kernelX, dilationX, strideX, padLeft, columns } = stage.window!;
  const { channels } = stage.shape;
  const type = sumTypeOf(context);
  const vertical = verticalSpan(context);
  const horizontal = horizontalSpan(context);
  const left = horizontal.clipped ? 'left' : '0';
  const start = `(x * ${strideX} + ${left}${dilationX > 1 && horizontal.clipped ? ` * ${dilationX}` : ''}${padLeft > 0 ? ` - ${padLeft}` : ''}) * ${channels} + channel`;
  const body = lines(
    0,
    rowPointers(context),
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    horizontal.clipped && `    const unsigned left = ${horizontal.left};`,
    horizontal.clipped && `    const unsigned right = ${horizontal.right};`,
    `    for (unsigned channel = 0; channel < ${channels}; ++channel) {`,
    `        ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}READ_32(${context.symbol}_bias + channel);`,
    `        for (unsigned ky = ${vertical.clipped ? 'top' : 0}; ky < ${vertical.clipped ? 'bottom' : kernelY}; ++ky) {`,
    `            const ${inputs[0].type} *in = rows[ky] + ${start};`,
    `            const int8_t *w = ${context.symbol}_weight + (ky * ${kernelX} + ${left}) * ${channels} + channel;`,
    `            for (uint_fast8_t n = ${horizontal.clipped ? '(uint_fast8_t)' : ''}${horizontal.clipped ? '(right - left)' : kernelX}; n > 0; --n, in += ${dilationX * channels}, w += ${channels})`,
    `                sum += ${product(context, '*in', 'READ_8(w)')};`,
    `        }`,
    lines(2, stage.raw ? '*output++ = sum;' : finish(stage, `READ_16(${context.symbol}_multiplier + channel)`, sumBounds(context))),
    `    }`,
    `}`,
  );
  return lines(
    0,
    weightTables(context, table('int8_t', `${context.symbol}_weight`, stage.weights!.weight)),
    '',
    rowFunction(context, body),
  );
}
