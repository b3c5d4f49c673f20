import { PIXEL, zero } from './simd';

/** Outputs of a tile of Winograd's products. */
export const TILE: i32 = 4;

@inline
export function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** x * factor + sum */
@inline
export function scaled(x: v128, factor: f32, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, f32x4.splat(factor), sum);
  else return f32x4.add(f32x4.mul(x, f32x4.splat(factor)), sum);
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
