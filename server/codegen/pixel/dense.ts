import type { StageContext } from '../context.ts';
import { addRow, close, nextUnit, tables, weightsAt } from '../kernels/dense.ts';
import { sumTypeOf } from '../kernels/products.ts';
import { weightTables } from '../kernels/weights.ts';
import { lines } from '../text.ts';
import { afresh } from './window.ts';

/** Every pixel of the input is added to every unit's sum as it is made. */
export function dense(context: StageContext): string {
  const { stage, symbol, state, inputs } = context;
  const [input] = inputs;
  const several = input.height > 1;
  const type = sumTypeOf(context);
  const next = nextUnit(context);
  const fold = lines(
    0,
    weightsAt(context, 'pixel'),
    `for (uint_fast8_t unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    lines(1, afresh('state', 'unit')),
    `    ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}state->sum_${stage.name}[unit];`,
    `    const ${input.type} *in = ${input.base};`,
    lines(1, addRow(context)),
    lines(1, afresh('state')),
    `    state->sum_${stage.name}[unit] = sum;`,
    next && lines(1, next),
    `}`,
    'return state;',
  );
  const head = `static STAGE ${state} *${symbol}_fold(${state} *state${several ? ', unsigned pixel' : ''})`;
  return [weightTables(context, tables(context)), `${head}\n{\n${lines(1, fold)}\n}`, ...(stage.raw ? [] : [close(context)])].join('\n\n');
}
