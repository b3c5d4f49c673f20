import { ConvolveWeights } from '../../commands/convolve';
import { fma, PIXEL, zero } from '../simd';
import { addHalves, halvesPlace } from './halves';


/**
 * `accumulate` of `weights.ts` by pairs of vectors: `channels` by `taps` sums of two vectors, of which `channels * taps` may be 8.
 * Constants at each call.
 */
@inline
export function accumulatePairs(c: ConvolveWeights, channel: i32, from: i32, to: i32, tap: i32, channels: i32, taps: i32, bias: usize): void {
  const allTaps = c.kernelRows * c.rowTaps;
  const sums: usize = c.sums + (((channel >> 2) * allTaps + tap) << 6) + ((channel & 3) << 4);
  const offsets: usize = c.taps + (tap << 2);
  const t0 = load<i32>(offsets);
  const t1 = taps > 1 ? load<i32>(offsets, 4) : t0;
  const t2 = taps > 2 ? load<i32>(offsets, 8) : t0, t3 = taps > 2 ? load<i32>(offsets, 12) : t0;
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero();
  let c0 = zero(), c1 = zero(), d0 = zero(), d1 = zero(), sumA = zero(), sumB = zero(), sumC = zero(), sumD = zero();
  let a0h = zero(), a1h = zero(), a2h = zero(), a3h = zero(), b0h = zero(), b1h = zero(), b2h = zero(), b3h = zero();
  let c0h = zero(), c1h = zero(), d0h = zero(), d1h = zero(), sumAh = zero(), sumBh = zero(), sumCh = zero(), sumDh = zero();
  const dense = c.inputColumn == PIXEL;
  const runs = dense ? 1 : 2;
  const inputStep: usize = dense ? 32 : c.inputColumn, gradientStep: usize = dense ? 32 : PIXEL;
  const runBytes: usize = c.columns * PIXEL;
  for (let y = from; y < to; y++) {
    for (let run = 0; run < runs; run++) {
      const input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow + (run << 5);
      let p0 = input + t0, p1 = input + t1, p2 = input + t2, p3 = input + t3;
      let ga: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + (run << 5);
      const end: usize = ga + runBytes;
      do {
        const x0 = v128.load(p0), x0h = v128.load(p0, 16);
        const x1 = taps > 1 ? v128.load(p1) : x0, x1h = taps > 1 ? v128.load(p1, 16) : x0h;
        const x2 = taps > 2 ? v128.load(p2) : x0, x2h = taps > 2 ? v128.load(p2, 16) : x0h;
        const x3 = taps > 2 ? v128.load(p3) : x0, x3h = taps > 2 ? v128.load(p3, 16) : x0h;
        let g = v128.load(ga), h = v128.load(ga, 16);
        if (bias) {
          sumA = f32x4.add(sumA, g);
          sumAh = f32x4.add(sumAh, h);
        }
        a0 = fma(x0, g, a0);
        a0h = fma(x0h, h, a0h);
        if (taps > 1) {
          a1 = fma(x1, g, a1);
          a1h = fma(x1h, h, a1h);
        }
        if (taps > 2) {
          a2 = fma(x2, g, a2);
          a2h = fma(x2h, h, a2h);
          a3 = fma(x3, g, a3);
          a3h = fma(x3h, h, a3h);
        }
        if (channels > 1) {
          const gb = ga + c.gradientChannel;
          g = v128.load(gb);
          h = v128.load(gb, 16);
          if (bias) {
            sumB = f32x4.add(sumB, g);
            sumBh = f32x4.add(sumBh, h);
          }
          b0 = fma(x0, g, b0);
          b0h = fma(x0h, h, b0h);
          if (taps > 1) {
            b1 = fma(x1, g, b1);
            b1h = fma(x1h, h, b1h);
          }
          if (taps > 2) {
            b2 = fma(x2, g, b2);
            b2h = fma(x2h, h, b2h);
            b3 = fma(x3, g, b3);
            b3h = fma(x3h, h, b3h);
          }
          if (channels > 2) {
            const gc = gb + c.gradientChannel, gd = gc + c.gradientChannel;
            g = v128.load(gc);
            h = v128.load(gc, 16);
            if (bias) {
              sumC = f32x4.add(sumC, g);
              sumCh = f32x4.add(sumCh, h);
            }
            c0 = fma(x0, g, c0);
            c0h = fma(x0h, h, c0h);
            if (taps > 1) {
              c1 = fma(x1, g, c1);
              c1h = fma(x1h, h, c1h);
            }
            g = v128.load(gd);
            h = v128.load(gd, 16);
            if (bias) {
              sumD = f32x4.add(sumD, g);
              sumDh = f32x4.add(sumDh, h);
            }
            d0 = fma(x0, g, d0);
            d0h = fma(x0h, h, d0h);
            if (taps > 1) {
              d1 = fma(x1, g, d1);
              d1h = fma(x1h, h, d1h);
            }
          }
        }
        p0 += inputStep;
        if (taps > 1) p1 += inputStep;
        if (taps > 2) {
          p2 += inputStep;
          p3 += inputStep;
        }
        ga += gradientStep;
      } while (ga < end);
    }
  }
  const halves = halvesPlace();
  v128.store(halves, a0);
  v128.store(halves, a0h, 16);
  if (taps > 1) {
    v128.store(halves, a1, 128);
    v128.store(halves, a1h, 144);
  }
  if (taps > 2) {
    v128.store(halves, a2, 256);
    v128.store(halves, a2h, 272);
    v128.store(halves, a3, 384);
    v128.store(halves, a3h, 400);
  }
  if (channels > 1) {
    v128.store(halves, b0, 32);
    v128.store(halves, b0h, 48);
    if (taps > 1) {
      v128.store(halves, b1, 160);
      v128.store(halves, b1h, 176);
    }
    if (taps > 2) {
      v128.store(halves, b2, 288);
      v128.store(halves, b2h, 304);
      v128.store(halves, b3, 416);
      v128.store(halves, b3h, 432);
    }
  }
  if (channels > 2) {
    v128.store(halves, c0, 64);
    v128.store(halves, c0h, 80);
    v128.store(halves, d0, 96);
    v128.store(halves, d0h, 112);
    if (taps > 1) {
      v128.store(halves, c1, 192);
      v128.store(halves, c1h, 208);
      v128.store(halves, d1, 224);
      v128.store(halves, d1h, 240);
    }
  }
  if (bias) {
    v128.store(halves, sumA, 512);
    v128.store(halves, sumAh, 528);
    if (channels > 1) {
      v128.store(halves, sumB, 544);
      v128.store(halves, sumBh, 560);
    }
    if (channels > 2) {
      v128.store(halves, sumC, 576);
      v128.store(halves, sumCh, 592);
      v128.store(halves, sumD, 608);
      v128.store(halves, sumDh, 624);
    }
    addHalves(bias, halves + 512, channels);
  }
  for (let t = 0; t < taps; t++) addHalves(sums + (t << 6), halves + (t << 7), channels);
}
