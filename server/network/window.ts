import type { Shape } from './shape.ts';

/** [vertical, horizontal] */
export type Pair = readonly [number, number];

/** `same`: the output has ceil(input / stride) rows, the odd row of padding goes below. `valid`: no padding. */
export type Padding = 'same' | 'valid';

/** How a kernel slides over its input: output row `y` reads input rows `y * strideY - padTop ... + kernelY - 1`. */
export type Window = {
  readonly kernelY: number;
  readonly kernelX: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
  /** Rows and columns of the output. */
  readonly rows: number;
  readonly columns: number;
};

/** The window of a kernel over an input; a string says why there is none. */
export function slide(input: Shape, kernel: Pair, stride: Pair, padding: Padding): Window | string {
  const vertical = slideAxis(input.height, kernel[0], stride[0], padding);
  const horizontal = slideAxis(input.width, kernel[1], stride[1], padding);
  if (vertical.count < 1 || horizontal.count < 1)
    return `a ${kernel[0]}x${kernel[1]} kernel is larger than its ${input.height}x${input.width} input; use padding: same or a smaller kernel`;
  return {
    kernelY: kernel[0],
    kernelX: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    padTop: vertical.before,
    padLeft: horizontal.before,
    rows: vertical.count,
    columns: horizontal.count,
  };
}

function slideAxis(size: number, kernel: number, stride: number, padding: Padding): { count: number; before: number } {
  if (padding === 'valid') return { count: Math.floor((size - kernel) / stride) + 1, before: 0 };
  const count = Math.ceil(size / stride);
  const total = Math.max((count - 1) * stride + kernel - size, 0);
  return { count, before: Math.floor(total / 2) };
}
