import type { Task } from './machine.ts';

/** How the positions of one axis of a folding pool's input lie under its windows, as shares. */
export type Shares = {
  /** Under a kernel, which may begin beyond the last window. */
  readonly inKernel: number;
  /** Under a window; of those, those that end one. */
  readonly under: number;
  readonly last: number;
};

export const rowShares = ({ stage: { window, shape }, inputs: [input] }: Task): Shares =>
  sharesOf(input.height, window!.kernelY, window!.strideY, window!.padTop, shape.height);

export const columnShares = ({ stage: { window, shape }, inputs: [input] }: Task): Shares =>
  sharesOf(input.width, window!.kernelX, window!.strideX, window!.padLeft, shape.width);

function sharesOf(size: number, kernel: number, stride: number, pad: number, count: number): Shares {
  let [inKernel, under, last] = [0, 0, 0];
  for (let at = 0; at < size; at++) {
    const place = (at + pad) % stride;
    if (place >= kernel) continue;
    inKernel++;
    if (Math.floor((at + pad) / stride) >= count) continue;
    under++;
    if (place === kernel - 1 || at === size - 1) last++;
  }
  return { inKernel: inKernel / size, under: under / size, last: last / Math.max(1, under) };
}
