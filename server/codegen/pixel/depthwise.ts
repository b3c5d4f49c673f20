import type { StageContext } from '../context.ts';
import { pixelWeights } from '../kernels/depthwise.ts';
import { sumTypeOf } from '../kernels/products.ts';
import { fullTable, weightAt } from '../kernels/stored.ts';
import { product, weightTables } from '../kernels/weights.ts';
import { horizontalSpan, verticalSpan } from '../kernels/window.ts';
import { lines } from '../text.ts';
import { afresh, pixelFunction, store, walk } from './window.ts';

/** One channel after the other. */
export function depthwise(context: StageContext): string {
  const { stage, symbol, state } = context;
  const { kernelY, kernelX } = stage.window!;
  const { channels } = stage.shape;
  const type = sumTypeOf(context);
  const { begin, loop } = walk(context);
  const weights = pixelWeights(context);
  const ky = kernelY > 1 || verticalSpan(context).clipped ? ` + ky * ${kernelX * weights.pixelBytes}` : '';
  const left = horizontalSpan(context).clipped ? ` + left * ${weights.pixelBytes}` : '';
  const sum = lines(
    0,
    begin,
    `${type} sum = ${type === 'sum24' ? '(sum24)' : ''}READ_32(${symbol}_bias + channel);`,
    loop({
      row: `const ${weights.type} *w = ${weights.name}${ky}${left};`,
      tap: lines(0, `sum += ${product(context, '*in', weightAt(context, 'w', 'channel'))};`, `w += ${weights.pixelBytes};`),
      moved: 0,
      channel: 'channel',
    }),
    'return sum;',
  );
  const body = lines(
    0,
    `for (uint_fast8_t channel = 0; channel < ${channels}; ++channel) {`,
    lines(1, afresh('state', 'channel'), `const ${type} sum = ${symbol}_sum(state, channel);`, store(context, 'channel')),
    `}`,
  );
  return lines(
    0,
    weightTables(context, fullTable(context, channels)),
    '',
    `static STAGE ${type} ${symbol}_sum(const ${state} *state, uint_fast8_t channel)\n{\n${lines(1, sum)}\n}`,
    '',
    pixelFunction(context, body),
  );
}
