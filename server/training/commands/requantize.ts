/**
 * Turns sums into activations, whole numbers in f32, in place: floor((gain * x * multiplier + half) * inverse), held between low and high.
 * `code` (f64) is half, inverse, gain, low, high; `multipliers` (f64) has one for each channel. See the quantise room's arithmetic.
 */
export class Requantize {
  plane: i32 = 0;
  planeChannel: i32 = 0;
  planeRow: i32 = 0;
  code: i32 = 0;
  multipliers: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/** The straight-through gradient of `Requantize`, in place: none where the activation was held at a bound. */
export class RequantizeGradient {
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  plane: i32 = 0;
  planeChannel: i32 = 0;
  planeRow: i32 = 0;
  code: i32 = 0;
  multipliers: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/**
 * Adds to `slope` (4 lanes of f32) the sum of gradient x slope of what `Requantize` made of `sums` by the size of its step, the step taken
 * for 1: the rounding error, and beyond a bound the bound itself (Esser et al. 2020, equation 3). `gradient`, by the activations, becomes
 * that by the sums: none beyond a bound.
 */
export class StepGradient {
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  sums: i32 = 0;
  sumsChannel: i32 = 0;
  sumsRow: i32 = 0;
  code: i32 = 0;
  multipliers: i32 = 0;
  slope: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}
