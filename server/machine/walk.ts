import type { Window } from '../network/window.ts';
import type { Place, Task } from './machine.ts';

/** A window on its input, as far as the way of its taps depends on it. */
export type Walk = {
  readonly window: Window;
  readonly input: Place;
  /** A ring of pixels, a ring of rows, or no ring. */
  readonly ring: 'pixels' | 'rows' | undefined;
  readonly clippedY: boolean;
  readonly clippedX: boolean;
  /** Shares of taps that lie on the input. */
  readonly insideY: number;
  readonly insideX: number;
};

export function walkOf({ stage, inputs: [input], unit }: Task): Walk {
  const window = stage.window!;
  const { kernelY, kernelX, dilationY, dilationX, strideY, strideX, padTop, padLeft, rows, columns, spanY, spanX } = window;
  const units = input.height * (unit === 'pixel' ? input.width : 1);
  const ring = unit === 'whole' || input.depth >= units ? undefined : unit === 'pixel' ? 'pixels' : 'rows';
  return {
    window,
    input,
    ring,
    clippedY: padTop > 0 || (rows - 1) * strideY - padTop + spanY > input.height,
    clippedX: padLeft > 0 || (columns - 1) * strideX - padLeft + spanX > input.width,
    insideY: inside(rows, kernelY, dilationY, strideY, padTop, input.height),
    insideX: inside(columns, kernelX, dilationX, strideX, padLeft, input.width),
  };
}

function inside(count: number, kernel: number, dilation: number, stride: number, before: number, size: number): number {
  let taps = 0;
  for (let i = 0; i < count; i++)
    for (let k = 0; k < kernel; k++) {
      const at = i * stride - before + k * dilation;
      taps += Number(at >= 0 && at < size);
    }
  return taps / (count * kernel);
}

/** Bytes from the begin of one kernel row to that of the next, around the ring or not. */
export function rowStep({ window, input, ring }: Walk): number {
  const row = input.width * input.channels;
  return (ring === 'rows' ? window.dilationY % input.depth : window.dilationY) * row;
}

/** A step within a ring of pixels, which may be longer than the ring. */
export function wrappedStep({ ring, input }: Walk, bytes: number): number {
  if (ring !== 'pixels') return bytes;
  const round = input.depth * input.channels;
  return ((bytes % round) + round) % round;
}

/** What is done with stretches of taps; registers of the core point to the first and to its weights. */
export type Visit = {
  /** In a pixel: its channels, or those of a group. */
  readonly taps: number;
  /** The longest: some channels of a pixel, a row of pixels side by side, or such a row with the taps left at its begin, in rings of pixels too. */
  readonly stretch: 'pixel' | 'row' | 'standing row';
  /** Emits what `taps` taps take and moves behind them. */
  visit(taps: number): void;
  /** The same for taps beyond the border, which are not moved. Absent where they count for nothing and have no weights. */
  absent?(taps: number): void;
};

/** Whether a kernel row's taps are visited in one go. */
export const visitsRows = ({ window, ring, clippedX }: Walk, stretch: Visit['stretch']): boolean =>
  stretch === 'standing row' || (stretch === 'row' && !clippedX && ring !== 'pixels' && (window.dilationX === 1 || window.kernelX === 1));

/** Bytes that visits of a kernel row move on. */
export function visitedBytes(walk: Walk, stretch: Visit['stretch']): number {
  if (stretch === 'standing row') return 0;
  const { kernelX, dilationX } = walk.window;
  return kernelX * (visitsRows(walk, stretch) ? 1 : dilationX) * walk.input.channels;
}

/** Bytes that one window of a stage moves on, channel after channel. */
export const passed = ({ stage, inputs: [input] }: Task): number => (stage.op === 'conv2d' ? 0 : input.channels);

/** Bytes that the windows of a row move on, from left to right. */
export function passedInRow(task: Task): number {
  const { columns, strideX } = task.stage.window!;
  return columns === 1 ? passed(task) : columns * strideX * task.inputs[0].channels;
}
