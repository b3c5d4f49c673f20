import { lastColumn, lastRow } from '../../plan/pixels.ts';
import { clippedHorizontally, clippedVertically } from '../../plan/weights.ts';
import type { CTensor, StageContext } from '../context.ts';
import { finish } from '../finish.ts';
import { sumBounds } from '../kernels/products.ts';
import { horizontalSpan, verticalSpan } from '../kernels/window.ts';
import { lines } from '../text.ts';
import { isRing, place } from './place.ts';

/**
 * A pixel function: it computes the next pixel of the stage's output. It returns the state, which so need not be kept by who calls it: every
 * byte of the stack counts where pixels are streamed.
 */
export const pixelFunction = ({ symbol, state }: StageContext, body: string): string =>
  `static STAGE ${state} *${symbol}_pixel(${state} *state)\n{\n${lines(1, body, 'return state;')}\n}`;

/** Keeps the compiler from holding what it knows of a variable, addresses made from it above all, in registers that lie on the stack. */
export const afresh = (...variables: readonly string[]): string => variables.map((variable) => `AFRESH(${variable});`).join(' ');

export const AFRESH = `/* A variable whose value the compiler must take from where it is. */
#if defined(__AVR__) && defined(__GNUC__)
#define AFRESH(x) __asm__ volatile("" : "+r"(x))
#else
#define AFRESH(x)
#endif`;

/** How a kernel walks over the pixels under its window. */
export type Walk = {
  /** Statements that find where the window begins. */
  readonly begin: string;
  /**
   * Loops over the taps. `row` comes at the begin of each kernel row `ky`; `tap` has `in` at the tap's pixel, `channel` elements into it, and
   * moves it by `moved` elements.
   */
  loop(body: { readonly row?: string; readonly tap: string; readonly moved: number; readonly channel?: string }): string;
  /** Loops over the kernel rows with `in` at the first pixel of each. */
  rows(body: string, before?: string, channel?: string): string;
};

export function walk(context: StageContext): Walk {
  const { stage, inputs } = context;
  const [input] = inputs;
  const { kernelY, kernelX, dilationY, dilationX } = stage.window!;
  const vertical = verticalSpan(context);
  const horizontal = horizontalSpan(context);
  const begin = lines(
    0,
    vertical.clipped && lines(0, `const unsigned y = ${output(context, 'y')};`, `const unsigned top = ${vertical.top};`),
    vertical.clipped && `const unsigned bottom = ${vertical.bottom};`,
    horizontal.clipped && lines(0, `const unsigned x = ${output(context, 'x')};`, `const unsigned left = ${horizontal.left};`),
    horizontal.clipped && `const unsigned right = ${horizontal.right};`,
    input.pixels > 1 && firstPixel(context, vertical.clipped ? 'top' : '0', horizontal.clipped ? 'left' : '0'),
  );
  const rows: Walk['rows'] = (body, before, channel) => {
    const from = [
      input.base,
      ...(input.pixels > 1 ? [input.channels > 1 ? `at * ${input.channels}` : 'at'] : []),
      ...(channel ? [channel] : []),
    ];
    const ofRow = lines(0, before, `const ${input.type} *in = ${from.join(' + ')};`, body);
    const start = input.pixels > 1 && 'unsigned at = first;';
    if (kernelY === 1 && !vertical.clipped) return lines(0, '{', lines(1, start && `const ${start}`, ofRow), '}');
    const [top, bottom] = vertical.clipped ? ['top', 'bottom'] : ['0', String(kernelY)];
    const down = input.pixels > 1 && below(input, dilationY * input.width);
    return lines(0, '{', lines(1, start, `for (unsigned ky = ${top}; ky < ${bottom}; ++ky) {`, lines(1, ofRow, down), '}'), '}');
  };
  const loop: Walk['loop'] = ({ row, tap, moved, channel }) => {
    const step = move(input, dilationX * input.channels - moved);
    const count = horizontal.clipped ? 'right - left' : String(kernelX);
    const taps = count === '1' ? tap : lines(0, `for (unsigned kx = ${count}; kx > 0; --kx) {`, lines(1, tap, step), '}');
    return rows(taps, row, channel);
  };
  return { begin, loop, rows };
}

/** C of the row or column of the stage's next pixel. */
const output = ({ output: { name, height, width } }: StageContext, axis: 'y' | 'x'): string =>
  (axis === 'y' ? height : width) > 1 ? `state->${axis}_${name}` : '0';

/** Moves `in` by so many elements, around the ring; behind its end is its begin. */
const move = (input: CTensor, step: number): string | undefined =>
  step > 0
    ? moveBy(input, String(step))
    : isRing(input)
      ? `if (in == ${input.base} + ${input.pixels * input.channels})\n    in = ${input.base};`
      : undefined;

export function moveBy(input: CTensor, step: string): string {
  if (!isRing(input)) return `in += ${step};`;
  const size = input.pixels * input.channels;
  return `in = ${input.base} + ${size} - in > ${step} ? in + ${step} : in - (${size} - ${step});`;
}

/** Moves `at` by so many pixels, around the ring. One that holds no more is for windows of which only one row lies on the input. */
function below(input: CTensor, pixels: number): string | undefined {
  if (!isRing(input)) return `at += ${pixels};`;
  const rest = input.pixels - pixels;
  return rest > 0 ? `at = at < ${rest} ? at + ${pixels} : at - ${rest};` : undefined;
}

/** Declares `first`: where in its buffer the first pixel lies that is under the window. */
function firstPixel(context: StageContext, top: string, left: string): string {
  const { stage, inputs } = context;
  const [input] = inputs;
  const { strideY, strideX, padTop, padLeft, dilationY, dilationX } = stage.window!;
  if (isRing(input) && endsAtNewest(context)) {
    const spare = input.pixels - span(context);
    const newest = `state->at_${input.name}`;
    const at =
      spare === 0 ? newest : `${newest} + ${spare} < ${input.pixels} ? ${newest} + ${spare}u : ${newest} - ${input.pixels - spare}u`;
    return `const unsigned first = ${at};`;
  }
  const y = along(`state->y_${stage.name}`, stage.shape.height, strideY, top, dilationY, padTop);
  const x = along(`state->x_${stage.name}`, stage.shape.width, strideX, left, dilationX, padLeft);
  return pixelAt(input, y, x, 'first');
}

/** Declares `name`: where in its buffer a pixel lies that has been made. */
export function pixelAt(input: CTensor, y: string, x: string, name: string): string {
  if (!isRing(input)) return `const unsigned ${name} = (unsigned)((${y}) * ${input.width} + ${x});`;
  const column = input.width > 1 ? ` + state->x_${input.name} - (${x})` : '';
  return lines(
    0,
    `unsigned ${name} = state->at_${input.name} + ${input.pixels}u - (unsigned)((state->y_${input.name} - (${y})) * ${input.width}${column});`,
    `if (${name} >= ${input.pixels})`,
    `    ${name} -= ${input.pixels};`,
  );
}

function along(at: string, count: number, stride: number, skipped: string, dilation: number, pad: number): string {
  const terms = count > 1 ? [stride > 1 ? `${at} * ${stride}` : at] : [];
  if (skipped !== '0') terms.push(`(int)${skipped}${dilation > 1 ? ` * ${dilation}` : ''}`);
  return `${terms.join(' + ') || '0'}${pad > 0 ? ` - ${pad}` : ''}`;
}

/** Whether a pixel is computed when, and only when, the last that it needs has just been made. */
function endsAtNewest({ stage, inputs }: StageContext): boolean {
  return inputs.length === 1 && !clippedVertically(stage) && !clippedHorizontally(stage);
}

const span = ({ stage, inputs: [input] }: StageContext): number => lastRow(stage, 0) * input.width + lastColumn(stage, 0) + 1;

/** The finished `sum` becomes output channel `at` of the pixel. */
export const store = (context: StageContext, at: string): string =>
  lines(
    0,
    `${context.output.type} *output = ${place(context.output)} + ${at};`,
    context.stage.raw
      ? '*output = sum;'
      : finish(context.stage, `READ_16(${context.symbol}_multiplier + ${at})`, sumBounds(context)).replace('*output++', '*output'),
  );
