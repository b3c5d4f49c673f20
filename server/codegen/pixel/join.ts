import type { CTensor, StageContext } from '../context.ts';
import { finishJoin } from '../finish.ts';
import { weighted } from '../kernels/join.ts';
import { lines } from '../text.ts';
import { place } from './place.ts';
import { pixelAt, pixelFunction } from './window.ts';

export function relu(context: StageContext): string {
  const { stage, output } = context;
  // Where nothing lies beyond, compilers warn of the comparison.
  const lowest = output.type === 'uint8_t' ? 0 : -128;
  const held = stage.high < lowest + 255 ? `value > ${stage.high} ? ${stage.high} : value` : 'value';
  return joined(
    context,
    lines(
      0,
      `for (unsigned channel = 0; channel < ${output.channels}; ++channel) {`,
      `    const ${output.type} value = *input0++;`,
      `    *output++ = ${stage.low > lowest ? `value < ${stage.low} ? ${stage.low} : ${held}` : held};`,
      `}`,
    ),
  );
}

export function add(context: StageContext): string {
  const { stage, inputs, output } = context;
  const terms = inputs.map((input, i) => weighted(input, `*input${i}++`, stage.rescale!.multipliers[i]));
  return joined(
    context,
    lines(
      0,
      `for (unsigned channel = 0; channel < ${output.channels}; ++channel) {`,
      `    int32_t sum = ${terms.join(' + ')};`,
      lines(1, finishJoin(stage)),
      `}`,
    ),
  );
}

export function concat(context: StageContext): string {
  const { stage, inputs } = context;
  const copies = inputs.map((input, i) =>
    lines(
      0,
      `for (unsigned channel = 0; channel < ${input.channels}; ++channel) {`,
      `    int32_t sum = ${weighted(input, `*input${i}++`, stage.rescale!.multipliers[i])};`,
      lines(1, finishJoin(stage)),
      `}`,
    ),
  );
  return joined(context, lines(0, ...copies));
}

/** The pixel function of a stage whose pixel comes from one of each input: `input0`, `input1`, ... */
function joined(context: StageContext, body: string): string {
  const { inputs, output } = context;
  return pixelFunction(
    context,
    lines(0, ...inputs.map((input, i) => declare(input, output, `input${i}`)), `${output.type} *output = ${place(output)};`, body),
  );
}

/** Inputs are of the output's height and width. */
function declare(input: CTensor, { name, height, width }: CTensor, pointer: string): string {
  const times = input.channels > 1 ? ` * ${input.channels}` : '';
  if (input.pixels === 1) return `const ${input.type} *${pointer} = ${input.base};`;
  const y = height > 1 ? `state->y_${name}` : '0';
  const x = width > 1 ? `state->x_${name}` : '0';
  return lines(0, pixelAt(input, y, x, `at_${pointer}`), `const ${input.type} *${pointer} = ${input.base} + at_${pointer}${times};`);
}
