import { Requantize, RequantizeGradient, StepGradient } from '../commands/requantize';
import { fma, PIXEL } from './simd';

/** In f64, where the products are exact, so that the result is the integers' bit for bit. */
export function requantize(c: Requantize): void {
  const half = v128.load_splat<f64>(c.code), inverse = v128.load_splat<f64>(c.code, 8);
  const gain = f32x4.splat(<f32>load<f64>(c.code, 16));
  const low = f32x4.splat(<f32>load<f64>(c.code, 24)), high = f32x4.splat(<f32>load<f64>(c.code, 32));
  const bytes: usize = c.columns * PIXEL;
  for (let channel = 0; channel < c.channels; channel++) {
    const multiplier = v128.load_splat<f64>(c.multipliers + (channel << 3));
    for (let y = 0; y < c.rows; y++) {
      let at: usize = c.plane + channel * c.planeChannel + y * c.planeRow;
      const end = at + bytes;
      do {
        const sums = f32x4.nearest(f32x4.mul(v128.load(at), gain));
        const first = round(f64x2.promote_low_f32x4(sums), multiplier, half, inverse);
        const second = round(f64x2.promote_low_f32x4(v128.shuffle<i64>(sums, sums, 1, 0)), multiplier, half, inverse);
        const q = v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);
        v128.store(at, f32x4.pmin(f32x4.pmax(q, low), high));
        at += 16;
      } while (at < end);
    }
  }
}

@inline
function round(sum: v128, multiplier: v128, half: v128, inverse: v128): v128 {
  return f64x2.floor(f64x2.mul(f64x2.add(f64x2.mul(sum, multiplier), half), inverse));
}

export function requantizeGradient(c: RequantizeGradient): void {
  const gain = load<f64>(c.code, 16) * load<f64>(c.code, 8);
  const low = f32x4.splat(<f32>load<f64>(c.code, 24)), high = f32x4.splat(<f32>load<f64>(c.code, 32));
  const bytes: usize = c.columns * PIXEL;
  for (let channel = 0; channel < c.channels; channel++) {
    const factor = f32x4.splat(<f32>(load<f64>(c.multipliers + (channel << 3)) * gain));
    for (let y = 0; y < c.rows; y++) {
      const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
      const plane: usize = c.plane + channel * c.planeChannel + y * c.planeRow;
      for (let j: usize = 0; j < bytes; j += 16) {
        const q = v128.load(plane + j);
        const inside = v128.and(f32x4.gt(q, low), f32x4.lt(q, high));
        v128.store(gradient + j, v128.and(inside, f32x4.mul(v128.load(gradient + j), factor)));
      }
    }
  }
}

export function stepGradient(c: StepGradient): void {
  const gain = load<f64>(c.code, 16) * load<f64>(c.code, 8);
  const low = f32x4.splat(<f32>load<f64>(c.code, 24)), high = f32x4.splat(<f32>load<f64>(c.code, 32));
  const half = f32x4.splat(0.5);
  const bytes: usize = c.columns * PIXEL;
  let total = v128.load(c.slope);
  for (let channel = 0; channel < c.channels; channel++) {
    const factor = f32x4.splat(<f32>(load<f64>(c.multipliers + (channel << 3)) * gain));
    for (let y = 0; y < c.rows; y++) {
      const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
      const sums: usize = c.sums + channel * c.sumsChannel + y * c.sumsRow;
      for (let j: usize = 0; j < bytes; j += 16) {
        const x = f32x4.mul(v128.load(sums + j), factor);
        const q = f32x4.pmin(f32x4.pmax(f32x4.floor(f32x4.add(x, half)), low), high);
        const inside = v128.and(f32x4.gt(x, low), f32x4.lt(x, high));
        const g = v128.load(gradient + j);
        total = fma(g, f32x4.sub(q, v128.and(inside, x)), total);
        v128.store(gradient + j, v128.and(inside, f32x4.mul(g, factor)));
      }
    }
  }
  v128.store(c.slope, total);
}
