import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { lines, table } from '../text.ts';
import { weightTables } from './weights.ts';
import { rowFunction } from './window.ts';

export function dense(context: StageContext): string {
  const { stage, plan } = context;
  const weights = weightTables(context, table('int8_t', `${stage.name}_weight`, stage.weights!.weight));
  const functions =
    plan.intake === 'fold' ? [fold(context), ...(stage.raw ? [] : [close(context)])] : [rowFunction(context, whole(context))];
  return [weights, ...functions].join('\n\n');
}

/** All inputs are there: a unit at a time. */
function whole({ stage, inputs: [input] }: StageContext): string {
  return lines(
    0,
    `const int8_t *weight = ${stage.name}_weight;`,
    `for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    `    int32_t sum = READ_32(${stage.name}_bias + unit);`,
    `    for (unsigned i = 0; i < ${input.height * input.row}; ++i)`,
    `        sum += input[i] * READ_8(weight++);`,
    lines(1, stage.raw ? '*output++ = sum;' : finish(stage, `READ_16(${stage.name}_multiplier + unit)`)),
    `}`,
  );
}

/** One row of the input is added to every unit's sum. */
function fold({ stage, inputs: [input] }: StageContext): string {
  const several = input.height > 1;
  return lines(
    0,
    `static void ${stage.name}_fold(const ${input.type} *input, int32_t *sums${several ? ', unsigned y' : ''})`,
    `{`,
    `    const int8_t *weight = ${stage.name}_weight${several ? ` + y * ${input.row}` : ''};`,
    `    for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    `        int32_t sum = sums[unit];`,
    `        for (unsigned i = 0; i < ${input.row}; ++i)`,
    `            sum += input[i] * READ_8(weight++);`,
    `        sums[unit] = sum;`,
    several && `        weight += ${(input.height - 1) * input.row};`,
    `    }`,
    `}`,
  );
}

/** The sums are complete. */
function close({ stage }: StageContext): string {
  return lines(
    0,
    `static void ${stage.name}_close(const int32_t *sums, int8_t *output)`,
    `{`,
    `    for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit) {`,
    `        int32_t sum = sums[unit];`,
    lines(2, finish(stage, `READ_16(${stage.name}_multiplier + unit)`)),
    `    }`,
    `}`,
  );
}
