import { PIXEL, zero } from '../simd';

/** Outputs of a tile of Winograd's products. */
export const TILE: i32 = 4;

/** The factors of the transforms, in memory: V8 makes a constant anew wherever it is used, also in loops. */
const FACTORS: usize = memory.data<f32>([-4, 4, -5, 2, 8, -2, 5.25, -4.25, 0.25, -1.25, 0.5, -2.5, 0.125, -5.25]);

/** Of a constant that is one of them, all lanes. */
@inline
export function factor(value: f32): v128 {
  let index = 0;
  if (value == 4) index = 1;
  if (value == -5) index = 2;
  if (value == 2) index = 3;
  if (value == 8) index = 4;
  if (value == -2) index = 5;
  if (value == 5.25) index = 6;
  if (value == -4.25) index = 7;
  if (value == 0.25) index = 8;
  if (value == -1.25) index = 9;
  if (value == 0.5) index = 10;
  if (value == -2.5) index = 11;
  if (value == 0.125) index = 12;
  if (value == -5.25) index = 13;
  return v128.load_splat<f32>(FACTORS + (index << 2));
}

/** Where column `x` lies in the row, or `none`, if there is no such column. */
@inline
export function column(row: usize, x: i32, columns: i32, none: usize): usize {
  return <u32>x < <u32>columns ? row + x * PIXEL : none;
}

@inline
export function take(at: usize): v128 {
  const value = v128.load(at);
  v128.store(at, zero());
  return value;
}

@inline
export function add(to: usize, value: v128): void {
  v128.store(to, f32x4.add(v128.load(to), value));
}
