import type { Task } from './machine.ts';

/** One axis of a folding pool: of its input, its windows, and how the one lies under the other. */
export type Axis = {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly windows: number;
  /** The share of positions under a kernel, which may begin beyond the last window. */
  readonly inKernel: number;
  /** The share under a window; of those, the share that ends one. */
  readonly under: number;
  readonly last: number;
};

export const rowsOf = ({ stage: { window, shape }, inputs: [input] }: Task): Axis =>
  axisOf(input.height, window!.kernelY, window!.strideY, window!.padTop, shape.height);

export const columnsOf = ({ stage: { window, shape }, inputs: [input] }: Task): Axis =>
  axisOf(input.width, window!.kernelX, window!.strideX, window!.padLeft, shape.width);

function axisOf(size: number, kernel: number, stride: number, pad: number, windows: number): Axis {
  let [inKernel, under, last] = [0, 0, 0];
  for (let at = 0; at < size; at++) {
    const place = (at + pad) % stride;
    if (place >= kernel) continue;
    inKernel++;
    if (Math.floor((at + pad) / stride) >= windows) continue;
    under++;
    if (place === kernel - 1 || at === size - 1) last++;
  }
  return { size, kernel, stride, pad, windows, inKernel: inKernel / size, under: under / size, last: last / Math.max(1, under) };
}
