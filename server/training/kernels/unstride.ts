import { DepthwiseUnstride } from '../commands/depthwise';
import { fma, gate, PIXEL } from './simd';
import { beside, put, STEP } from './wide/pair';

/**
 * A pixel of the output's gradient spreads over 3x3 pixels of the input's, windows overlapping by one: with the padding counted, the four
 * pixels from row 2a and column 2b on have all their gradient from the pixels a - 1, a by b - 1, b.
 */
export function depthwiseUnstride(c: DepthwiseUnstride): void {
  const pairs = (c.outputRows + c.padTop + 1) >> 1;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let a = 0; a < pairs; a++) {
      const y = 2 * a - c.padTop;
      const output: usize = c.output + channel * c.outputChannel, mask: usize = c.mask + channel * c.maskChannel;
      const gradient: usize = c.gradient + channel * c.gradientChannel;
      const above: usize = a > 0 && a <= c.rows ? gradient + (a - 1) * c.gradientRow : c.none;
      const here: usize = a < c.rows ? gradient + a * c.gradientRow : c.none;
      const top = y >= 0, bottom = y + 1 < c.outputRows;
      rowPair(
        c,
        channel,
        above,
        here,
        top ? output + y * c.outputRow : c.spill,
        bottom ? output + (y + 1) * c.outputRow : c.spill,
        top ? mask + y * c.maskRow : c.spill,
        bottom ? mask + (y + 1) * c.maskRow : c.spill,
      );
    }
  }
}

function rowPair(c: DepthwiseUnstride, channel: i32, above: usize, here: usize, top: usize, bottom: usize, topMask: usize, bottomMask: usize): void {
  const skip: usize = c.padLeft * PIXEL;
  top -= skip;
  bottom -= skip;
  topMask -= skip;
  bottomMask -= skip;
  let column = 0;
  if (c.padLeft) {
    quads(c, channel, above, here, top, bottom, topMask, bottomMask, 0, 1, false, true);
    column = 1;
  }
  const whole = (c.outputColumns + c.padLeft) >> 1;
  if (column < whole) quads(c, channel, above, here, top, bottom, topMask, bottomMask, column, whole, true, true);
  if ((c.outputColumns + c.padLeft) & 1) quads(c, channel, above, here, top, bottom, topMask, bottomMask, whole, whole + 1, true, false);
}

/** Pairs of columns, or one of the two alone: constants at each call. */
@inline
function quads(
  c: DepthwiseUnstride,
  channel: i32,
  above: usize,
  here: usize,
  top: usize,
  bottom: usize,
  topMask: usize,
  bottomMask: usize,
  from: i32,
  to: i32,
  left: bool,
  right: bool,
): void {
  const weights: usize = c.weights + channel * 36, hasMask = c.mask != 0;
  const a0 = v128.load_splat<f32>(weights), a1 = v128.load_splat<f32>(weights, 4), a2 = v128.load_splat<f32>(weights, 8);
  const b0 = v128.load_splat<f32>(weights, 12), b1 = v128.load_splat<f32>(weights, 16), b2 = v128.load_splat<f32>(weights, 20);
  const c0 = v128.load_splat<f32>(weights, 24), c1 = v128.load_splat<f32>(weights, 28), c2 = v128.load_splat<f32>(weights, 32);
  above += from * PIXEL;
  here += from * PIXEL;
  const skip: usize = 2 * from * PIXEL;
  top += skip;
  bottom += skip;
  topMask += skip;
  bottomMask += skip;
  const end: usize = here + (to - from) * PIXEL;
  do {
    for (let j: usize = 0; j < <usize>PIXEL; j += STEP) {
      const g = v128.load(here + j), G = beside(here + j, g);
      const h = v128.load(above + j), H = beside(above + j, h);
      if (left) {
        const f = v128.load(here + j - PIXEL), F = beside(here + j - PIXEL, f);
        const e = v128.load(above + j - PIXEL), E = beside(above + j - PIXEL, e);
        // What is stored between keeps few vectors alive: loads are not moved over it.
        release(
          top + j,
          topMask + j,
          hasMask,
          fma(e, c2, fma(h, c0, fma(f, a2, f32x4.mul(g, a0)))),
          fma(E, c2, fma(H, c0, fma(F, a2, f32x4.mul(G, a0)))),
        );
        release(bottom + j, bottomMask + j, hasMask, fma(f, b2, f32x4.mul(g, b0)), fma(F, b2, f32x4.mul(G, b0)));
      }
      if (right) {
        release(top + j + PIXEL, topMask + j + PIXEL, hasMask, fma(h, c1, f32x4.mul(g, a1)), fma(H, c1, f32x4.mul(G, a1)));
        release(bottom + j + PIXEL, bottomMask + j + PIXEL, hasMask, f32x4.mul(g, b1), f32x4.mul(G, b1));
      }
    }
    above += PIXEL;
    here += PIXEL;
    top += 2 * PIXEL;
    bottom += 2 * PIXEL;
    topMask += 2 * PIXEL;
    bottomMask += 2 * PIXEL;
  } while (here < end);
}

@inline
function release(to: usize, mask: usize, hasMask: bool, low: v128, high: v128): void {
  if (hasMask) {
    const m = v128.load(mask), M = beside(mask, m);
    low = gate(m, low);
    high = gate(M, high);
  }
  put(to, low, high);
}
