import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { type Bounds, fits24, largestTap } from '../range.ts';
import { lines } from '../text.ts';
import { horizontalSpan, rowFunction, rowPointers, verticalSpan } from './window.ts';

export function maxPool(context: StageContext): string {
  const { stage, inputs, output } = context;
  if (context.plan.intake === 'window') {
    const scan = lines(
      0,
      `${inputs[0].type} largest = ${stage.low};`,
      taps(context, 'if (*in > largest) largest = *in;'),
      '*output++ = largest;',
    );
    return rowFunction(context, lines(0, rowPointers(context), pixels(context, scan)));
  }
  const scan = lines(
    0,
    `${output.type} largest = first ? ${stage.low} : *output;`,
    rowTaps(context, 'if (*in > largest) largest = *in;'),
    '*output++ = largest;',
  );
  return foldFunction(context, `${output.type} *output, unsigned char first`, pixels(context, scan));
}

export function averagePool(context: StageContext): string {
  const { stage, inputs, plan } = context;
  const value = inputs[0].zeroPoint === 0 ? '*in' : `*in - ${inputs[0].zeroPoint}`;
  const { multipliers } = stage.rescale!;
  const bounds = poolBounds(context);
  const sumOf24 = fits24(bounds) ? '(sum24)' : '';
  if (plan.intake === 'window') {
    const scan = lines(
      0,
      `${fits24(bounds) ? 'sum24' : 'int32_t'} sum = 0;`,
      taps(context, `sum += ${value};`),
      finish(stage, String(multipliers[0]), bounds),
    );
    return rowFunction(context, lines(0, rowPointers(context), pixels(context, scan)));
  }
  const type = sumType(context);
  const narrow = type === 'int16_t' ? ['(int16_t)(', ')'] : ['', ''];
  const scan = lines(
    0,
    `${type} sum = first ? 0 : *sums;`,
    rowTaps(context, `sum = ${narrow[0]}sum + ${value.includes('-') ? `(${value})` : value}${narrow[1]};`),
    '*sums++ = sum;',
  );
  const close = lines(
    0,
    `static STAGE void ${context.symbol}_close(const ${type} *sums, int8_t *output)`,
    `{`,
    `    for (unsigned i = 0; i < ${stage.shape.width * stage.shape.channels}; ++i) {`,
    `        const ${fits24(bounds) ? 'sum24' : 'int32_t'} sum = ${sumOf24}sums[i];`,
    lines(2, finish(stage, String(multipliers[0]), bounds)),
    `    }`,
    `}`,
  );
  return lines(0, foldFunction(context, `${type} *sums, unsigned char first`, pixels(context, scan)), '', close);
}

/** Of a window that lies on the input in full. */
export function poolBounds({ stage, inputs: [input] }: StageContext): Bounds {
  const sum = stage.window!.kernelY * stage.window!.kernelX * largestTap(input, input.zeroPoint);
  return { sum, high: Math.ceil((sum * stage.rescale!.multipliers[0]) / 2 ** 16) };
}

export const sumType = ({ stage }: StageContext): 'int16_t' | 'int32_t' =>
  stage.window!.kernelY * stage.window!.kernelX * 255 <= 32767 ? 'int16_t' : 'int32_t';

const foldFunction = ({ symbol, inputs }: StageContext, parameters: string, body: string): string =>
  `static STAGE void ${symbol}_fold(const ${inputs[0].type} *input, ${parameters})\n{\n${lines(1, body)}\n}`;

/** Loops over the columns and channels of the output, with the span of kernel columns at hand. */
function pixels(context: StageContext, body: string): string {
  const { columns } = context.stage.window!;
  const { left, right, clipped } = horizontalSpan(context);
  return lines(
    0,
    `for (unsigned x = 0; x < ${columns}; ++x) {`,
    clipped && `    const unsigned left = ${left};`,
    clipped && `    const unsigned right = ${right};`,
    `    for (unsigned channel = 0; channel < ${context.stage.shape.channels}; ++channel) {`,
    lines(2, body),
    `    }`,
    `}`,
  );
}

/** Visits the taps of a whole window. */
function taps(context: StageContext, visit: string): string {
  const vertical = verticalSpan(context);
  return lines(
    0,
    `for (unsigned ky = ${vertical.clipped ? 'top' : 0}; ky < ${vertical.clipped ? 'bottom' : context.stage.window!.kernelY}; ++ky) {`,
    lines(1, rowTaps(context, visit, 'rows[ky]')),
    `}`,
  );
}

/** Visits the taps of one row of a window. */
function rowTaps(context: StageContext, visit: string, row = 'input'): string {
  const { kernelX, strideX, padLeft } = context.stage.window!;
  const { channels } = context.stage.shape;
  const { clipped } = horizontalSpan(context);
  const start = clipped ? `(x * ${strideX} + left${padLeft > 0 ? ` - ${padLeft}` : ''})` : `x * ${strideX}`;
  return lines(
    0,
    `const ${context.inputs[0].type} *in = ${row} + ${start} * ${channels} + channel;`,
    `for (unsigned n = ${clipped ? 'right - left' : kernelX}; n > 0; --n, in += ${channels})`,
    `    ${visit}`,
  );
}
