import type { StageContext } from '../context.ts';
import { close, tables } from '../kernels/dense.ts';
import { addProducts, addRun, sumTypeOf } from '../kernels/products.ts';
import { asRuns, weightTables } from '../kernels/weights.ts';
import { lines } from '../text.ts';
import { afresh } from './window.ts';

/** Every pixel of the input is added to every unit's sum as it is made. */
export function dense(context: StageContext): string {
  const { stage, symbol, state, inputs } = context;
  const [input] = inputs;
  const several = input.height > 1;
  const type = sumTypeOf(context);
  const runs = asRuns(context);
  const begin = runs
    ? `const uint8_t *run = ${symbol}_runs${several ? ` + READ_U16(${symbol}_starts + pixel)` : ''};`
    : `const int8_t *w = ${symbol}_weight${several ? ` + pixel * ${input.row}` : ''};`;
  const fold = lines(
    0,
    begin,
    `for (uint_fast8_t unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    lines(1, afresh('state', 'unit')),
    `    ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}state->sum_${stage.name}[unit];`,
    `    const ${input.type} *in = ${input.base};`,
    lines(1, runs ? addRun(context) : addProducts(context, input.row)),
    lines(1, afresh('state')),
    `    state->sum_${stage.name}[unit] = sum;`,
    !runs && several && `    w += ${(input.height - 1) * input.row};`,
    `}`,
    'return state;',
  );
  const head = `static STAGE ${state} *${symbol}_fold(${state} *state${several ? ', unsigned pixel' : ''})`;
  return [weightTables(context, tables(context)), `${head}\n{\n${lines(1, fold)}\n}`, ...(stage.raw ? [] : [close(context)])].join('\n\n');
}
