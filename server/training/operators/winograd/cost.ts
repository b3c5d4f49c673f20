import type { Window } from '../../../network/window.ts';

/** Outputs of a tile along the row: `kernels/winograd/winograd.ts`. */
export const TILE = 4;

/**
 * By the taps of a kernel row: the products of a tile, and what its transforms take, in multiplications for each channel in and out;
 * measured over channels from 1 to 16 and rows from 5 to 28.
 */
export const forms: { readonly [taps: number]: { readonly products: number; readonly transforms: number } } = {
  3: { products: 6, transforms: 15 },
  5: { products: 8, transforms: 28 },
};

/** The time of a convolution by Winograd's products, that of going tap by tap taken for 1; infinite where there are none. */
export function winogradCost(window: Window, channels: number, filters: number): number {
  const { kernelY, kernelX, strideY, strideX, dilationY, dilationX, columns } = window;
  const form = forms[kernelX];
  if (!form || strideX * strideY * dilationX * dilationY !== 1) return Number.POSITIVE_INFINITY;
  const tiles = Math.ceil(columns / TILE);
  const products = form.products * tiles * kernelY * channels * filters;
  const transforms = form.transforms * tiles * (channels + filters);
  return (products + transforms) / (kernelX * columns * kernelY * channels * filters);
}
