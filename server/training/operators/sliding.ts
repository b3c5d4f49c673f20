import { dilationOf } from '../../network/network.ts';
import type { Shape } from '../../network/shape.ts';
import type { Padding, Pair, Window } from '../../network/window.ts';
import { slide } from '../../network/window.ts';
import type { Plane } from '../arena.ts';
import { type Axis, overhang, phases } from './phases.ts';

type Sliding = { readonly kernel: Pair; readonly stride: Pair; readonly padding: Padding; readonly dilation?: Pair };

export function windowOf(layer: Sliding, input: Shape): Window {
  const window = slide(input, layer.kernel, layer.stride, layer.padding, dilationOf(layer));
  if (typeof window === 'string') throw new Error(window);
  return window;
}

export const vertical = (window: Window, { height }: Shape): Axis => ({
  kernel: window.kernelY,
  stride: window.strideY,
  dilation: window.dilationY,
  pad: window.padTop,
  size: height,
});

export const horizontal = (window: Window, { width }: Shape): Axis => ({
  kernel: window.kernelX,
  stride: window.strideX,
  dilation: window.dilationX,
  pad: window.padLeft,
  size: width,
});

export function windowHalo(window: Window, input: Shape): { input: number; gradient: number } {
  const right = (window.columns - 1) * window.strideX + window.spanX - 1 - window.padLeft - (input.width - 1);
  return { input: Math.max(0, window.padLeft, right), gradient: overhang(phases(horizontal(window, input)), window.columns) };
}

/** Every so many rows of a plane, from row `first` on. */
export const everyRow = (of: Plane, first: number, every: number): Plane => ({ ...of, at: of.at + first * of.row, row: of.row * every });
