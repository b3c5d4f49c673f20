import type { CTensor, StageContext } from '../context.ts';
import { lines } from '../text.ts';

/** A row function: it computes row `y` of `output` from the input tensors. */
export function rowFunction(context: StageContext, body: string): string {
  const { inputs, output } = context;
  const parameters = inputs.map((input, i) => `const ${input.type} *${inputs.length > 1 ? `input${i}` : 'input'}`);
  const y = takesRow(context) ? ['unsigned y'] : [];
  const head = `static STAGE void ${context.symbol}_row(${[...parameters, `${output.type} *output`, ...y].join(', ')})`;
  return `${head}\n{\n${lines(1, body)}\n}`;
}

/** Whether a row function needs to know which row it computes. */
export const takesRow = (context: StageContext): boolean =>
  context.stage.op !== 'dense' &&
  (context.inputs.some((input) => input.depth > 1) || (context.stage.window !== undefined && verticalSpan(context).clipped));

/** C of the place in a tensor's buffer, in elements, where row `row` begins. */
export const rowOffset = (tensor: CTensor, row: string): string => {
  if (tensor.depth === 1) return '0';
  return tensor.depth < tensor.height ? `${row} % ${tensor.depth}u * ${tensor.row}` : `${row} * ${tensor.row}`;
};

/** Declares `rows[]`, where the kernel rows `top <= ky < bottom` that lie on the input begin. */
export function rowPointers(context: StageContext): string {
  const { kernelY, dilationY } = context.stage.window!;
  const [input] = context.inputs;
  const { top, bottom, clipped } = verticalSpan(context);
  const next = dilationY === 1;
  return lines(
    0,
    `const ${input.type} *rows[${kernelY}];`,
    clipped && `const unsigned top = ${top};`,
    clipped && `const unsigned bottom = ${bottom};`,
    next && `const ${input.type} *next = ${kernelRow(context, clipped ? ' + top' : '')};`,
    `for (unsigned ky = ${clipped ? 'top' : 0}; ky < ${clipped ? 'bottom' : kernelY}; ++ky) {`,
    next ? `    rows[ky] = next;` : `    rows[ky] = ${kernelRow(context, ` + ky * ${dilationY}`)};`,
    next && lines(1, nextRow(input)),
    `}`,
  );
}

/** Declares `row0`, `row1`, ...: where the kernel rows begin, of a kernel that lies within the input from top to bottom. */
export function namedRows(context: StageContext): string {
  const [input] = context.inputs;
  const { kernelY, dilationY } = context.stage.window!;
  const rows = Array.from({ length: kernelY }, (_, ky) => ky);
  if (dilationY > 1)
    return rows.map((ky) => `const ${input.type} *row${ky} = ${kernelRow(context, ky > 0 ? ` + ${ky * dilationY}` : '')};`).join('\n');
  const first = `const ${input.type} *next = ${kernelRow(context, '')};`;
  return lines(0, first, rows.map((ky) => `const ${input.type} *row${ky} = next;`).join(`\n${nextRow(input)}\n`));
}

/** C of the place where the input row begins that lies `skipped` rows below the window's first. */
function kernelRow({ stage, inputs: [input] }: StageContext, skipped: string): string {
  const { strideY, padTop } = stage.window!;
  if (input.depth === 1) return 'input';
  return `input + ${rowOffset(input, `(y * ${strideY}${skipped}${padTop > 0 ? ` - ${padTop}` : ''})`)}`;
}

/** Moves `next` to the row below, around the ring. */
function nextRow({ depth, height, row }: CTensor): string {
  if (depth === 1) return '';
  return depth < height ? `next = next == input + ${(depth - 1) * row} ? input : next + ${row};` : `next += ${row};`;
}

/** Kernel rows from `top` to `bottom` lie on the input, for output row `y`. */
export function verticalSpan({ stage, inputs }: StageContext): { top: string; bottom: string; clipped: boolean } {
  const { kernelY, dilationY, strideY, padTop, rows } = stage.window!;
  return span('y', { kernel: kernelY, dilation: dilationY, stride: strideY, pad: padTop, count: rows, size: inputs[0].height });
}

/** Kernel columns from `left` to `right` lie on the input, for output column `x`. */
export function horizontalSpan({ stage }: StageContext): { left: string; right: string; clipped: boolean } {
  const { kernelX, dilationX, strideX, padLeft, columns } = stage.window!;
  const size = stage.inputShapes[0].width;
  const { top, bottom, clipped } = span('x', { kernel: kernelX, dilation: dilationX, stride: strideX, pad: padLeft, count: columns, size });
  return { left: top, right: bottom, clipped };
}

type Axis = { kernel: number; dilation: number; stride: number; pad: number; count: number; size: number };

function span(at: string, { kernel, dilation, stride, pad, count, size }: Axis) {
  const covered = (kernel - 1) * dilation + 1;
  const reach = (count - 1) * stride - pad + covered;
  const first = `${at} * ${stride}`;
  /** The taps before the input's position `end`, rounded up to whole ones. */
  const before = (end: number) => (dilation === 1 ? `${end} - ${first}` : `(${end + dilation - 1} - ${first}) / ${dilation}`);
  const top = pad > 0 ? `${first} < ${pad} ? ${before(pad)} : 0` : '0';
  const bottom = reach > size ? `${first} + ${covered} > ${size + pad} ? ${before(size + pad)} : ${kernel}` : `${kernel}`;
  return { top, bottom, clipped: pad > 0 || reach > size };
}
