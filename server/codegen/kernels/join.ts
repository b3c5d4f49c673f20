import type { CTensor, StageContext } from '../context.ts';
import { finishJoin } from '../finish.ts';
import { lines } from '../text.ts';
import { rowFunction, rowOffset } from './window.ts';

export function relu(context: StageContext): string {
  const { stage, inputs, output } = context;
  // Where nothing lies below, compilers warn of the comparison.
  const lowest = output.type === 'uint8_t' ? 0 : -128;
  const held = stage.high < lowest + 255 ? `value > ${stage.high} ? ${stage.high} : value` : 'value';
  const body = lines(
    0,
    atRow(inputs[0], 'input'),
    `for (unsigned i = 0; i < ${output.row}; ++i) {`,
    `    const ${output.type} value = *input++;`,
    `    *output++ = ${stage.low > lowest ? `value < ${stage.low} ? ${stage.low} : ${held}` : held};`,
    `}`,
  );
  return rowFunction(context, body);
}

export function add(context: StageContext): string {
  const { stage, inputs, output } = context;
  const terms = inputs.map((input, i) => weighted(input, `*input${i}++`, stage.rescale!.multipliers[i]));
  const body = lines(
    0,
    ...inputs.map((input, i) => atRow(input, `input${i}`)),
    `for (unsigned i = 0; i < ${output.row}; ++i) {`,
    `    int32_t sum = ${terms.join(' + ')};`,
    lines(1, finishJoin(stage)),
    `}`,
  );
  return rowFunction(context, body);
}

export function concat(context: StageContext): string {
  const { stage, inputs } = context;
  const copies = inputs.map((input, i) =>
    lines(
      0,
      `for (unsigned channel = 0; channel < ${stage.inputShapes[i].channels}; ++channel) {`,
      `    int32_t sum = ${weighted(input, `*input${i}++`, stage.rescale!.multipliers[i])};`,
      lines(1, finishJoin(stage)),
      `}`,
    ),
  );
  const body = lines(
    0,
    ...inputs.map((input, i) => atRow(input, `input${i}`)),
    `for (unsigned x = 0; x < ${stage.shape.width}; ++x) {`,
    lines(1, ...copies),
    `}`,
  );
  return rowFunction(context, body);
}

/** Moves an input pointer to row `y` of its buffer. */
const atRow = (input: CTensor, pointer: string): string | undefined =>
  input.depth > 1 ? `${pointer} += ${rowOffset(input, 'y')};` : undefined;

export const weighted = (input: CTensor, element: string, multiplier: number): string =>
  `(int32_t)${input.zeroPoint === 0 ? element : `(${element} - ${input.zeroPoint})`} * ${multiplier}`;
