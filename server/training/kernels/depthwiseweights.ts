import { DepthwiseWeights } from '../commands/depthwise';
import { fma, PIXEL, zero } from './simd';
import { addPlane } from './weights';
import { addTo, beside, STEP } from './wide/pair';
import { WIDE } from './wide/width';

/** The weight gradient of a depthwise convolution, and that of its bias. */
export function depthwiseWeights(c: DepthwiseWeights): void {
  // Output rows whose windows lie inside the input.
  let top = 0, bottom = c.rows;
  if (undilated(c)) {
    while (top < bottom && top * c.stride < c.padTop) top++;
    while (bottom > top && (bottom - 1) * c.stride + 3 - c.padTop > c.inputRows) bottom--;
  } else bottom = 0;
  for (let channel = 0; channel < c.channels; channel++) {
    if (top < bottom) nine(c, channel, top, bottom);
    byKernelRow(c, channel, 0, top);
    byKernelRow(c, channel, bottom, c.rows);
  }
}

/** A 3x3 window that is not dilated. */
function undilated(c: DepthwiseWeights): bool {
  if (c.kernelRows != 3 || c.rowTaps != 3) return false;
  return tap(c, 1) - tap(c, 0) == PIXEL && tap(c, 2) - tap(c, 1) == PIXEL && tap(c, 3) - tap(c, 0) == c.inputRow;
}

@inline
function tap(c: DepthwiseWeights, index: i32): i32 {
  return load<i32>(c.taps + (index << 3));
}

/** All taps of a 3x3 window and the bias in one pass: 10 sums, 12 live vectors. */
function nine(c: DepthwiseWeights, channel: i32, top: i32, bottom: i32): void {
  let a0 = zero(), a1 = zero(), a2 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), c0 = zero(), c1 = zero(), c2 = zero(), bias = zero();
  let A0 = zero(), A1 = zero(), A2 = zero(), B0 = zero(), B1 = zero(), B2 = zero(), C0 = zero(), C1 = zero(), C2 = zero(), Bias = zero();
  const dense = c.inputColumn == PIXEL;
  const runs = dense ? 1 : c.columns;
  const runBytes: usize = dense ? c.columns * PIXEL : PIXEL;
  const skip: usize = dense ? 0 : c.inputColumn - PIXEL;
  for (let y = top; y < bottom; y++) {
    let above: usize = c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow;
    let middle: usize = above + c.inputRow, below: usize = middle + c.inputRow;
    let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
    for (let run = 0; run < runs; run++) {
      const end: usize = gradient + runBytes;
      do {
        const g = v128.load(gradient), G = beside(gradient, g);
        bias = f32x4.add(bias, g);
        Bias = f32x4.add(Bias, G);
        a0 = fma(g, v128.load(above), a0);
        if (WIDE) A0 = fma(G, v128.load(above, 16), A0);
        a1 = fma(g, v128.load(above, 64), a1);
        if (WIDE) A1 = fma(G, v128.load(above, 80), A1);
        a2 = fma(g, v128.load(above, 128), a2);
        if (WIDE) A2 = fma(G, v128.load(above, 144), A2);
        b0 = fma(g, v128.load(middle), b0);
        if (WIDE) B0 = fma(G, v128.load(middle, 16), B0);
        b1 = fma(g, v128.load(middle, 64), b1);
        if (WIDE) B1 = fma(G, v128.load(middle, 80), B1);
        b2 = fma(g, v128.load(middle, 128), b2);
        if (WIDE) B2 = fma(G, v128.load(middle, 144), B2);
        c0 = fma(g, v128.load(below), c0);
        if (WIDE) C0 = fma(G, v128.load(below, 16), C0);
        c1 = fma(g, v128.load(below, 64), c1);
        if (WIDE) C1 = fma(G, v128.load(below, 80), C1);
        c2 = fma(g, v128.load(below, 128), c2);
        if (WIDE) C2 = fma(G, v128.load(below, 144), C2);
        above += STEP;
        middle += STEP;
        below += STEP;
        gradient += STEP;
      } while (gradient < end);
      above += skip;
      middle += skip;
      below += skip;
    }
  }
  const sums: usize = c.sums + channel * 144;
  addTo(sums, a0, A0);
  addTo(sums + 16, a1, A1);
  addTo(sums + 32, a2, A2);
  addTo(sums + 48, b0, B0);
  addTo(sums + 64, b1, B1);
  addTo(sums + 80, b2, B2);
  addTo(sums + 96, c0, C0);
  addTo(sums + 112, c1, C1);
  addTo(sums + 128, c2, C2);
  addTo(c.biasSums + (channel << 4), bias, Bias);
}

function byKernelRow(c: DepthwiseWeights, channel: i32, begin: i32, end: i32): void {
  if (begin >= end) return;
  addPlane(c.gradient + channel * c.gradientChannel + begin * c.gradientRow, c.gradientRow, end - begin, c.columns, c.biasSums + (channel << 4));
  for (let k = 0; k < c.kernelRows; k++) {
    let from = begin, to = end;
    while (from < to && from * c.stride + k - c.padTop < 0) from++;
    while (to > from && (to - 1) * c.stride + k - c.padTop >= c.inputRows) to--;
    if (from >= to) continue;
    let tap = k * c.rowTaps;
    const tapEnd = tap + c.rowTaps;
    for (; tap + 3 <= tapEnd; tap += 3) three(c, channel, tap, from, to);
    if (tap + 2 <= tapEnd) {
      two(c, channel, tap, from, to);
      tap += 2;
    }
    if (tap < tapEnd) single(c, channel, tap, from, to);
  }
}

function three(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32): void {
  accumulate(c, channel, tap, from, to, 3);
}
function two(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32): void {
  accumulate(c, channel, tap, from, to, 2);
}
function single(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32): void {
  accumulate(c, channel, tap, from, to, 1);
}

/** Adds gradient x input over the rows for 1 to 3 taps, a constant at each call, by a sum for each of 4 or 2 vectors. */
@inline
function accumulate(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32, taps: i32): void {
  const offsets: usize = c.taps + (tap << 3);
  const t0 = load<i32>(offsets), t1 = taps > 1 ? load<i32>(offsets, 8) : t0, t2 = taps > 2 ? load<i32>(offsets, 16) : t0;
  const vectors = taps > 2 ? 2 : 4;
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero(), c0 = zero(), c1 = zero();
  for (let y = from; y < to; y++) {
    let input: usize = c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow;
    let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
    for (let x = 0; x < c.columns; x++) {
      for (let j: usize = 0; j < <usize>PIXEL; j += vectors << 4) {
        const p0 = input + t0 + j, p1 = input + t1 + j, p2 = input + t2 + j, at = gradient + j;
        const g0 = v128.load(at), g1 = v128.load(at, 16);
        a0 = fma(g0, v128.load(p0), a0);
        a1 = fma(g1, v128.load(p0, 16), a1);
        if (taps > 1) {
          b0 = fma(g0, v128.load(p1), b0);
          b1 = fma(g1, v128.load(p1, 16), b1);
        }
        if (taps > 2) {
          c0 = fma(g0, v128.load(p2), c0);
          c1 = fma(g1, v128.load(p2, 16), c1);
        } else {
          const g2 = v128.load(at, 32), g3 = v128.load(at, 48);
          a2 = fma(g2, v128.load(p0, 32), a2);
          a3 = fma(g3, v128.load(p0, 48), a3);
          if (taps > 1) {
            b2 = fma(g2, v128.load(p1, 32), b2);
            b3 = fma(g3, v128.load(p1, 48), b3);
          }
        }
      }
      input += c.inputColumn;
      gradient += PIXEL;
    }
  }
  const sums: usize = c.sums + ((channel * c.kernelRows * c.rowTaps + tap) << 4);
  add(sums, a0, a1, a2, a3);
  if (taps > 1) add(sums + 16, b0, b1, b2, b3);
  if (taps > 2) add(sums + 32, c0, c1, zero(), zero());
}

@inline
function add(to: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(to, f32x4.add(v128.load(to), f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))));
}
