import type { Shape } from '../../network/shape.ts';
import type { Padding, Pair, Window } from '../../network/window.ts';
import { slide } from '../../network/window.ts';
import { overhang, phases } from './phases.ts';

export function windowOf(layer: { readonly kernel: Pair; readonly stride: Pair; readonly padding: Padding }, input: Shape): Window {
  const window = slide(input, layer.kernel, layer.stride, layer.padding);
  if (typeof window === 'string') throw new Error(window);
  return window;
}

export function windowHalo(window: Window, input: Shape): { input: number; gradient: number } {
  const right = (window.columns - 1) * window.strideX + window.kernelX - 1 - window.padLeft - (input.width - 1);
  const gradient = overhang(phases(window.kernelX, window.strideX, window.padLeft, input.width), window.columns);
  return { input: Math.max(0, window.padLeft, right), gradient };
}
