import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines } from '../text.ts';
import { sumBounds, sumTypeOf } from './products.ts';
import { asPacked, fullTable, packedBytes, weightAt } from './stored.ts';
import { product, weightTables } from './weights.ts';
import { horizontalSpan, rowFunction, rowPointers, verticalSpan } from './window.ts';

export function depthwise(context: StageContext): string {
  const { stage, inputs } = context;
  const { kernelY, kernelX, dilationX, strideX, padLeft, columns } = stage.window!;
  const { channels } = stage.shape;
  const sum = sumTypeOf(context);
  const { type, name, pixelBytes } = pixelWeights(context);
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
    `        ${sum} sum = ${sum === 'sum24' ? '(sum24)' : ''}READ_32(${context.symbol}_bias + channel);`,
    `        for (unsigned ky = ${vertical.clipped ? 'top' : 0}; ky < ${vertical.clipped ? 'bottom' : kernelY}; ++ky) {`,
    `            const ${inputs[0].type} *in = rows[ky] + ${start};`,
    `            const ${type} *w = ${name} + (ky * ${kernelX} + ${left}) * ${pixelBytes};`,
    `            for (uint_fast8_t n = ${horizontal.clipped ? '(uint_fast8_t)' : ''}${horizontal.clipped ? '(right - left)' : kernelX}; n > 0; --n, in += ${dilationX * channels}, w += ${pixelBytes})`,
    `                sum += ${product(context, '*in', weightAt(context, 'w', 'channel'))};`,
    `        }`,
    lines(2, stage.raw ? '*output++ = sum;' : finish(stage, `READ_16(${context.symbol}_multiplier + channel)`, sumBounds(context))),
    `    }`,
    `}`,
  );
  return lines(0, weightTables(context, fullTable(context, channels)), '', rowFunction(context, body));
}

/** C of where all weights begin, and of how far it is from a tap's to those of the next: each tap's begin a byte. */
export function pixelWeights(context: StageContext): { type: 'int8_t' | 'uint8_t'; name: string; pixelBytes: number } {
  const { channels } = context.stage.shape;
  const bits = asPacked(context);
  return bits
    ? { type: 'uint8_t', name: `${context.symbol}_packed`, pixelBytes: packedBytes(channels, bits) }
    : { type: 'int8_t', name: `${context.symbol}_weight`, pixelBytes: channels };
}
