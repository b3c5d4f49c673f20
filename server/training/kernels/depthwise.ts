import { Depthwise, DepthwiseWeights } from '../commands';
import { fma, gate, PIXEL, rectify } from './simd';

export function depthwise(c: Depthwise): void {
  const plain = c.kernelRows == 3 && c.rowTaps == 3 && !c.relu && !c.mask;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const first = max(0, c.padTop - y * c.stride);
      const end = min(c.kernelRows, c.inputRows + c.padTop - y * c.stride);
      if (plain && first == 0 && end == 3) threeByThree(c, channel, y);
      else anyRow(c, channel, y, first, end);
    }
  }
}

/** A row of 3x3 windows that lie inside the input, no ReLU and no mask: all nine weights stay in registers. */
function threeByThree(c: Depthwise, channel: i32, y: i32): void {
  const bias = c.bias ? v128.load_splat<f32>(c.bias + (channel << 2)) : f32x4.splat(0);
  const taps: usize = c.taps;
  const w0 = weight(c, channel, 0), w1 = weight(c, channel, 1), w2 = weight(c, channel, 2);
  const w3 = weight(c, channel, 3), w4 = weight(c, channel, 4), w5 = weight(c, channel, 5);
  const w6 = weight(c, channel, 6), w7 = weight(c, channel, 7), w8 = weight(c, channel, 8);
  const dense = c.inputColumn == PIXEL && c.outputColumn == PIXEL;
  const runs = dense ? 1 : c.columns;
  const runBytes = dense ? c.columns * PIXEL : PIXEL;
  for (let run = 0; run < runs; run++) {
    const input: usize = c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow + run * c.inputColumn;
    let output: usize = c.output + channel * c.outputChannel + y * c.outputRow + run * c.outputColumn;
    const end = output + runBytes;
    let r0 = input + load<i32>(taps), r1 = input + load<i32>(taps, 24), r2 = input + load<i32>(taps, 48);
    do {
      let s0 = fma(v128.load(r0), w0, bias), s1 = f32x4.mul(v128.load(r1), w3), s2 = f32x4.mul(v128.load(r2), w6);
      s0 = fma(v128.load(r0, 64), w1, s0);
      s1 = fma(v128.load(r1, 64), w4, s1);
      s2 = fma(v128.load(r2, 64), w7, s2);
      s0 = fma(v128.load(r0, 128), w2, s0);
      s1 = fma(v128.load(r1, 128), w5, s1);
      s2 = fma(v128.load(r2, 128), w8, s2);
      v128.store(output, f32x4.add(s0, f32x4.add(s1, s2)));
      output += 16;
      r0 += 16;
      r1 += 16;
      r2 += 16;
    } while (output < end);
  }
}

@inline
function weight(c: Depthwise, channel: i32, tap: i32): v128 {
  return v128.load_splat<f32>(c.weights + channel * c.weightsChannel + load<i32>(c.taps + (tap << 3), 4));
}

/** Any kernel, clipped to the kernel rows first..end. */
function anyRow(c: Depthwise, channel: i32, y: i32, first: i32, end: i32): void {
  const bias = c.bias ? v128.load_splat<f32>(c.bias + (channel << 2)) : f32x4.splat(0);
  const count = max(0, end - first) * c.rowTaps;
  const tapsBegin: usize = c.taps + ((first * c.rowTaps) << 3), tapsEnd: usize = tapsBegin + (count << 3);
  const weights: usize = c.weights + channel * c.weightsChannel;
  const relu = c.relu, hasMask = c.mask != 0;
  const input: usize = c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow;
  const output: usize = c.output + channel * c.outputChannel + y * c.outputRow;
  const mask: usize = c.mask + channel * c.maskChannel + y * c.maskRow;
  for (let x = 0; x < c.columns; x++) {
    const pixel = input + x * c.inputColumn;
    let s0 = bias, s1 = bias, s2 = bias, s3 = bias;
    let tap = tapsBegin;
    if (count) do {
      const from = pixel + load<i32>(tap);
      const w = v128.load_splat<f32>(weights + load<i32>(tap, 4));
      s0 = fma(v128.load(from), w, s0);
      s1 = fma(v128.load(from, 16), w, s1);
      s2 = fma(v128.load(from, 32), w, s2);
      s3 = fma(v128.load(from, 48), w, s3);
      tap += 8;
    } while (tap < tapsEnd);
    if (relu) {
      s0 = rectify(s0);
      s1 = rectify(s1);
      s2 = rectify(s2);
      s3 = rectify(s3);
    }
    if (hasMask) {
      const m = mask + x * c.maskColumn;
      s0 = gate(m, s0);
      s1 = gate(m + 16, s1);
      s2 = gate(m + 32, s2);
      s3 = gate(m + 48, s3);
    }
    const to = output + x * c.outputColumn;
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
  }
}

export function depthwiseWeights(c: DepthwiseWeights): void {
  for (let channel = 0; channel < c.channels; channel++) {
    for (let k = 0; k < c.kernelRows; k++) {
      let from = 0, to = c.rows;
      while (from < to && from * c.stride + k - c.padTop < 0) from++;
      while (to > from && (to - 1) * c.stride + k - c.padTop >= c.inputRows) to--;
      if (from >= to) continue;
      let tap = k * c.rowTaps;
      const tapEnd = tap + c.rowTaps;
      for (; tap + 3 <= tapEnd; tap += 3) three(c, channel, tap, from, to);
      for (; tap < tapEnd; tap++) one(c, channel, tap, from, to);
    }
  }
}

function three(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32): void {
  accumulate(c, channel, tap, from, to, 3);
}
function one(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32): void {
  accumulate(c, channel, tap, from, to, 1);
}

/** Adds gradient x input over the rows for 1 or 3 taps, a constant at each call. */
@inline
function accumulate(c: DepthwiseWeights, channel: i32, tap: i32, from: i32, to: i32, taps: i32): void {
  const offsets: usize = c.taps + (tap << 3);
  const t0 = load<i32>(offsets);
  const t1 = taps > 1 ? load<i32>(offsets, 8) : t0, t2 = taps > 1 ? load<i32>(offsets, 16) : t0;
  const sums: usize = c.sums + ((channel * c.kernelRows * c.rowTaps + tap) << 4);
  let s0 = v128.load(sums), s1 = taps > 1 ? v128.load(sums, 16) : s0, s2 = taps > 1 ? v128.load(sums, 32) : s0;
  const dense = c.inputColumn == PIXEL && c.gradientColumn == PIXEL;
  const runs = dense ? 1 : c.columns;
  const runBytes: usize = dense ? c.columns * PIXEL : PIXEL;
  for (let y = from; y < to; y++) {
    for (let run = 0; run < runs; run++) {
      const input: usize = c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow + run * c.inputColumn;
      const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + run * c.gradientColumn;
      const p0 = input + t0, p1 = input + t1, p2 = input + t2;
      let j: usize = 0;
      do {
        const g = v128.load(gradient + j);
        s0 = fma(g, v128.load(p0 + j), s0);
        if (taps > 1) {
          s1 = fma(g, v128.load(p1 + j), s1);
          s2 = fma(g, v128.load(p2 + j), s2);
        }
        j += 16;
      } while (j < runBytes);
    }
  }
  v128.store(sums, s0);
  if (taps > 1) {
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
  }
}
