import { DepthwiseWeights } from '../../commands/depthwise';
import { fma, PIXEL, zero } from '../simd';
import { addHalves, halvesPlace } from './halves';

/** `nine` of `depthwiseweights.ts` by pairs of vectors. */
export function nineByPairs(c: DepthwiseWeights, channel: i32, top: i32, bottom: i32): void {
  let a0 = zero(), a1 = zero(), a2 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), c0 = zero(), c1 = zero(), c2 = zero(), bias = zero();
  let a0h = zero(), a1h = zero(), a2h = zero(), b0h = zero(), b1h = zero(), b2h = zero(), c0h = zero(), c1h = zero(), c2h = zero();
  let biash = zero();
  const dense = c.inputColumn == PIXEL;
  const runs = dense ? 1 : 2;
  const inputStep: usize = dense ? 32 : c.inputColumn, gradientStep: usize = dense ? 32 : PIXEL;
  const runBytes: usize = c.columns * PIXEL;
  for (let y = top; y < bottom; y++) {
    for (let run = 0; run < runs; run++) {
      let above: usize = c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow + (run << 5);
      let middle: usize = above + c.inputRow, below: usize = middle + c.inputRow;
      let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + (run << 5);
      const end: usize = gradient + runBytes;
      do {
        const g = v128.load(gradient), h = v128.load(gradient, 16);
        bias = f32x4.add(bias, g);
        biash = f32x4.add(biash, h);
        a0 = fma(g, v128.load(above), a0);
        a0h = fma(h, v128.load(above, 16), a0h);
        a1 = fma(g, v128.load(above, 64), a1);
        a1h = fma(h, v128.load(above, 80), a1h);
        a2 = fma(g, v128.load(above, 128), a2);
        a2h = fma(h, v128.load(above, 144), a2h);
        b0 = fma(g, v128.load(middle), b0);
        b0h = fma(h, v128.load(middle, 16), b0h);
        b1 = fma(g, v128.load(middle, 64), b1);
        b1h = fma(h, v128.load(middle, 80), b1h);
        b2 = fma(g, v128.load(middle, 128), b2);
        b2h = fma(h, v128.load(middle, 144), b2h);
        c0 = fma(g, v128.load(below), c0);
        c0h = fma(h, v128.load(below, 16), c0h);
        c1 = fma(g, v128.load(below, 64), c1);
        c1h = fma(h, v128.load(below, 80), c1h);
        c2 = fma(g, v128.load(below, 128), c2);
        c2h = fma(h, v128.load(below, 144), c2h);
        above += inputStep;
        middle += inputStep;
        below += inputStep;
        gradient += gradientStep;
      } while (gradient < end);
    }
  }
  const halves = halvesPlace();
  v128.store(halves, a0);
  v128.store(halves, a0h, 16);
  v128.store(halves, a1, 32);
  v128.store(halves, a1h, 48);
  v128.store(halves, a2, 64);
  v128.store(halves, a2h, 80);
  v128.store(halves, b0, 96);
  v128.store(halves, b0h, 112);
  v128.store(halves, b1, 128);
  v128.store(halves, b1h, 144);
  v128.store(halves, b2, 160);
  v128.store(halves, b2h, 176);
  v128.store(halves, c0, 192);
  v128.store(halves, c0h, 208);
  v128.store(halves, c1, 224);
  v128.store(halves, c1h, 240);
  v128.store(halves, c2, 256);
  v128.store(halves, c2h, 272);
  v128.store(halves, bias, 288);
  v128.store(halves, biash, 304);
  addHalves(c.sums + channel * 144, halves, 9);
  addHalves(c.biasSums + (channel << 4), halves + 288, 1);
}
