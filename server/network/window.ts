import type { Shape } from './shape.ts';

/** [vertical, horizontal] */
export type Pair = readonly [number, number];

/** `same`: the output has ceil(input / stride) rows, the odd row of padding goes below. `valid`: no padding. */
export type Padding = 'same' | 'valid';

/** How a kernel slides over its input: tap `k` of output row `y` reads input row `y * strideY - padTop + k * dilationY`. */
export type Window = {
  readonly kernelY: number;
  readonly kernelX: number;
  /** Rows and columns from one tap to the next: 1 where they lie side by side. */
  readonly dilationY: number;
  readonly dilationX: number;
  /** Rows and columns from the first tap to the last, both included. */
  readonly spanY: number;
  readonly spanX: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** Rows and columns of the output. */
  readonly rows: number;
  readonly columns: number;
};

/** The window of a kernel over an input; a string says why there is none. */
export function slide(input: Shape, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair = [1, 1]): Window | string {
  const [spanY, spanX] = [0, 1].map((axis) => (kernel[axis] - 1) * dilation[axis] + 1);
  const vertical = slideAxis(input.height, spanY, stride[0], padding);
  const horizontal = slideAxis(input.width, spanX, stride[1], padding);
  if (vertical.count < 1 || horizontal.count < 1) {
    const spread = spanY === kernel[0] && spanX === kernel[1] ? '' : `, spread over ${spanY}x${spanX},`;
    return `a ${kernel[0]}x${kernel[1]} kernel${spread} is larger than its ${input.height}x${input.width} input; use padding: same or a smaller kernel`;
  }
  return {
    kernelY: kernel[0],
    kernelX: kernel[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    spanY,
    spanX,
    strideY: stride[0],
    strideX: stride[1],
    padTop: vertical.before,
    padLeft: horizontal.before,
    rows: vertical.count,
    columns: horizontal.count,
  };
}

function slideAxis(size: number, span: number, stride: number, padding: Padding): { count: number; before: number } {
  if (padding === 'valid') return { count: Math.floor((size - span) / stride) + 1, before: 0 };
  const count = Math.ceil(size / stride);
  const total = Math.max((count - 1) * stride + span - size, 0);
  return { count, before: Math.floor(total / 2) };
}
