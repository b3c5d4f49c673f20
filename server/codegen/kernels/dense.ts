import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines, table } from '../text.ts';
import { addPacked, addProducts, addSparse, addToTwo, sumBounds, sumTypeOf } from './products.ts';
import { asPacked, encodeStretch, fullTable, isSparse, packedBytes, sparseName, sparseTable } from './stored.ts';
import { weightTables } from './weights.ts';
import { rowFunction } from './window.ts';

export function dense(context: StageContext): string {
  const { stage, plan } = context;
  const folds = plan.intake === 'fold';
  const body = folds ? [fold(context), ...(stage.raw ? [] : [close(context)])] : [rowFunction(context, whole(context))];
  return [weightTables(context, tables(context)), ...body].join('\n\n');
}

/** The weights; of those that are not zero, in the order in which they are read: by input row when rows are folded, else by unit. */
export function tables(context: StageContext): string {
  const { stage, inputs, plan } = context;
  const { weight } = stage.weights!;
  const [{ height, row }] = inputs;
  if (!isSparse(context)) return fullTable(context, row);
  const stretch = (unit: number, y: number) =>
    encodeStretch(context, weight.subarray((unit * height + y) * row, (unit * height + y + 1) * row));
  const units = Array.from({ length: stage.shape.channels }, (_, unit) => unit);
  const rows = Array.from({ length: height }, (_, y) => y);
  if (plan.intake === 'window' || height === 1)
    return sparseTable(
      context,
      units.flatMap((unit) => rows.map((y) => stretch(unit, y))),
    );
  const byRow = rows.map((y) => units.flatMap((unit) => stretch(unit, y)));
  const starts = byRow.map((_, y) => byRow.slice(0, y).reduce((sum, each) => sum + each.length, 0));
  return lines(0, sparseTable(context, byRow), table('uint16_t', `${context.symbol}_starts`, starts));
}

/** All inputs are there: a unit at a time. */
function whole(context: StageContext): string {
  const { stage, inputs } = context;
  const [input] = inputs;
  const sparse = isSparse(context);
  const bits = asPacked(context);
  const sum =
    sparse || bits
      ? lines(
          0,
          input.height > 1 ? `for (unsigned y = 0; y < ${input.height}; ++y) {` : '{',
          `    const ${input.type} *in = input${input.height > 1 ? ` + y * ${input.row}` : ''};`,
          lines(1, bits ? addPacked(context, bits, input.row) : addSparse(context, input.row)),
          '}',
        )
      : lines(0, `const ${input.type} *in = input;`, addProducts(context, input.height * input.row));
  const type = sumTypeOf(context);
  return lines(
    0,
    weightsAt(context),
    `for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    `    ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}READ_32(${context.symbol}_bias + unit);`,
    lines(1, sum),
    lines(1, stage.raw ? '*output++ = sum;' : finish(stage, `READ_16(${context.symbol}_multiplier + unit)`, sumBounds(context))),
    `}`,
  );
}

/** One row of the input is added to every unit's sum. */
function fold(context: StageContext): string {
  const { stage, inputs } = context;
  const [input] = inputs;
  const several = input.height > 1;
  const type = sumTypeOf(context);
  const one = lines(
    0,
    `for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    `    ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}sums[unit];`,
    lines(1, `const ${input.type} *in = input;`, addRow(context)),
    `    sums[unit] = sum;`,
    nextUnit(context) && lines(1, nextUnit(context)!),
    `}`,
  );
  const alone = asPacked(context) !== undefined || isSparse(context) || type !== 'sum24';
  return lines(
    0,
    `static STAGE void ${context.symbol}_fold(const ${input.type} *input, ${context.sums} *sums${several ? ', unsigned y' : ''})`,
    `{`,
    lines(1, weightsAt(context, 'y')),
    alone ? lines(1, one) : `#ifdef ADD_TO_TWO\n${lines(1, inTwos(context))}\n#else\n${lines(1, one)}\n#endif`,
    `}`,
  );
}

/** C of where the weights of the first unit begin, those for row `y` of the input where it is given. */
export function weightsAt(context: StageContext, y?: string): string {
  const { symbol, inputs } = context;
  const [input] = inputs;
  const from = y !== undefined && input.height > 1;
  const bits = asPacked(context);
  if (bits) return `const uint8_t *w = ${symbol}_packed${from ? ` + ${y} * ${packedRow(context, bits)}` : ''};`;
  if (isSparse(context)) return `const uint8_t *run = ${sparseName(context)}${from ? ` + READ_U16(${symbol}_starts + ${y})` : ''};`;
  return `const int8_t *w = ${symbol}_weight${from ? ` + ${y} * ${input.row}` : ''};`;
}

/** C that adds a row of the input, at `in`, to `sum`. */
export function addRow(context: StageContext): string {
  const [{ row }] = context.inputs;
  const bits = asPacked(context);
  if (bits) return addPacked(context, bits, row);
  return isSparse(context) ? addSparse(context, row) : addProducts(context, row);
}

/** C that moves from behind a row's weights of one unit to those of the next. */
export function nextUnit(context: StageContext): string | undefined {
  const [{ height, row }] = context.inputs;
  if (height === 1 || isSparse(context)) return undefined;
  const bits = asPacked(context);
  return `w += ${(height - 1) * (bits ? packedRow(context, bits) : row)};`;
}

const packedRow = ({ inputs: [{ row }] }: StageContext, bits: 4 | 2): number => packedBytes(row, bits);

/** Two units at a time take each input that is loaded; an odd last one goes alone. */
function inTwos(context: StageContext): string {
  const { stage, inputs } = context;
  const [input] = inputs;
  const { channels } = stage.shape;
  const unitBytes = input.height * input.row;
  const twos = lines(
    0,
    `for (unsigned n = ${Math.floor(channels / 2)}; n > 0; --n, sums += 2, w += ${2 * unitBytes}) {`,
    `    sum24 sum0 = sums[0], sum1 = sums[1];`,
    `    ${addToTwo(context, input.row, unitBytes)}`,
    `    sums[0] = sum0;`,
    `    sums[1] = sum1;`,
    `}`,
  );
  const last = lines(0, `sum24 sum = *sums;`, `const ${input.type} *in = input;`, addProducts(context, input.row), `*sums = sum;`);
  return lines(0, channels > 1 && twos, channels % 2 === 1 && last);
}

/** The sums are complete. */
export function close(context: StageContext): string {
  const { stage } = context;
  const type = sumTypeOf(context);
  return lines(
    0,
    `static STAGE void ${context.symbol}_close(const ${context.sums} *sums, int8_t *output)`,
    `{`,
    `    for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    `        const ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}sums[unit];`,
    lines(2, finish(stage, `READ_16(${context.symbol}_multiplier + unit)`, sumBounds(context))),
    `    }`,
    `}`,
  );
}
