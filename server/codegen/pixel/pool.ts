import type { StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { poolBounds, sumType } from '../kernels/pool.ts';
import { fits24 } from '../range.ts';
import { lines } from '../text.ts';
import { place } from './place.ts';
import { pixelFunction, walk } from './window.ts';

export function maxPool(context: StageContext): string {
  const { stage, inputs, output, plan } = context;
  if (plan.intake === 'window') {
    const largest = `${inputs[0].type} largest = ${stage.low};`;
    return pixelFunction(context, perChannel(context, lines(0, largest, scan(context, LARGER), '*output++ = largest;')));
  }
  const running = stage.shape.height * stage.shape.width === 1 ? output.base : undefined;
  const take = lines(0, `${output.type} largest = first ? ${stage.low} : *running;`, LARGER, '*running++ = largest;');
  return fold(context, running, take, running ? undefined : '*output++ = *running++;');
}

export function averagePool(context: StageContext): string {
  const { stage, inputs, plan } = context;
  const value = inputs[0].zeroPoint === 0 ? '*in' : `*in - ${inputs[0].zeroPoint}`;
  const bounds = poolBounds(context);
  const finished = finish(stage, String(stage.rescale!.multipliers[0]), bounds);
  const type = fits24(bounds) ? 'sum24' : 'int32_t';
  if (plan.intake === 'window')
    return pixelFunction(context, perChannel(context, lines(0, `${type} sum = 0;`, scan(context, `sum += ${value};`), finished)));
  const [open, shut] = sumType(context) === 'int16_t' ? ['(int16_t)(', ')'] : ['', ''];
  const take = `*running = ${open}(first ? 0 : *running) + (${value})${shut};\n++running;`;
  return fold(context, undefined, take, lines(0, `const ${type} sum = ${type === 'sum24' ? '(sum24)' : ''}*running++;`, finished));
}

const LARGER = 'if (*in > largest) largest = *in;';

const scan = (context: StageContext, tap: string): string => walk(context).loop({ tap, moved: 0, channel: 'channel' });

const perChannel = (context: StageContext, body: string): string =>
  lines(
    0,
    walk(context).begin,
    `${context.output.type} *output = ${place(context.output)};`,
    `for (unsigned channel = 0; channel < ${context.stage.shape.channels}; ++channel) {`,
    lines(1, body),
    `}`,
  );

/**
 * A function that takes the newest pixel of the input into the running results of the window it lies in, if it lies in one, and tells
 * whether that completes the next pixel of the output, which it then writes. `take` and `close` move `running` from channel to channel.
 */
function fold(context: StageContext, running: string | undefined, take: string, close: string | undefined): string {
  const { stage, inputs, output, symbol, state } = context;
  const [input] = inputs;
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft } = stage.window!;
  const { channels, height, width } = stage.shape;
  const type = stage.op === 'averagePool' ? sumType(context) : output.type;
  const at = (axis: 'y' | 'x', pad: number) => `state->${axis}_${input.name}${pad > 0 ? ` + ${pad}u` : ''}`;
  const rows = input.height > 1;
  const columns = input.width > 1;
  const isFirst = [
    ...(rows ? [padTop > 0 ? `(row == 0 || state->y_${input.name} == 0)` : 'row == 0'] : []),
    ...(columns ? [padLeft > 0 ? `(column == 0 || state->x_${input.name} == 0)` : 'column == 0'] : []),
  ];
  const isLast = [
    ...(rows ? [`(row == ${kernelY - 1} || state->y_${input.name} == ${input.height - 1})`] : []),
    ...(columns ? [`(column == ${kernelX - 1} || state->x_${input.name} == ${input.width - 1})`] : []),
  ];
  const outside = [
    `state->y_${output.name} == ${height}`,
    ...(rows && kernelY < strideY ? [`row >= ${kernelY}`] : []),
    ...(columns && kernelX < strideX ? [`column >= ${kernelX}`] : []),
    ...(columns && input.width - 1 + padLeft >= width * strideX ? [`x >= ${width}`] : []),
  ];
  const from = running ?? `${context.running}${width > 1 ? ` + x * ${channels}` : ''}`;
  const each = (body: string) => lines(0, `for (unsigned channel = 0; channel < ${channels}; ++channel) {`, lines(1, body), '}');
  const usesX = width > 1 || outside.some((each) => each.startsWith('x'));
  const body = lines(
    0,
    rows && `const unsigned row = (${at('y', padTop)}) % ${strideY};`,
    columns && `const unsigned column = (${at('x', padLeft)}) % ${strideX};`,
    columns && usesX && `const unsigned x = (${at('x', padLeft)}) / ${strideX};`,
    `if (${outside.join(' || ')})\n    return 0;`,
    `const uint8_t first = ${isFirst.join(' && ') || '1'};`,
    `const ${input.type} *in = ${place(input)};`,
    `${type} *running = ${from};`,
    each(lines(0, take, '++in;')),
    isLast.length > 0 && `if (!(${isLast.join(' && ')}))\n    return 0;`,
    close && `running -= ${channels};`,
    close && `${output.type} *output = ${place(output)};`,
    close && each(close),
    `return 1;`,
  );
  return `static STAGE uint8_t ${symbol}_fold(${state} *state)\n{\n${lines(1, body)}\n}`;
}
