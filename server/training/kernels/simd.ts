/** Bytes of one pixel: 16 samples of f32. */
export const PIXEL: i32 = 64;

/** x * y + sum: fused, with one rounding, in the relaxed binary; with two in the plain one. */
@inline
export function fma(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  else return f32x4.add(f32x4.mul(x, y), sum);
}

@inline
export function zero(): v128 {
  return f32x4.splat(0);
}

@inline
export function rectify(x: v128): v128 {
  return f32x4.pmax(x, zero());
}

/** `x` where the mask is positive, else zero. */
@inline
export function gate(mask: v128, x: v128): v128 {
  return v128.and(f32x4.gt(mask, zero()), x);
}

@inline
export function sum(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3);
}
