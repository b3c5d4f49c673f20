import { Convolve, ConvolveWeights } from '../commands/convolve';
import { finish, offset } from './convolve';
import { fma, PIXEL, zero } from './simd';
import { addRows } from './weights';

/**
 * A convolution by each channel's own list of taps: one channel by two pixels at a time, 8 sums as in the dense tiles.
 * Sums are taken in the order of the dense kernel, so that skipping zeros changes no bit.
 */
export function convolveSparse(c: Convolve): void {
  for (let y = 0; y < c.rows; y++) for (let channel = 0; channel < c.channels; channel++) row(c, channel, y);
}

function row(c: Convolve, channel: i32, y: i32): void {
  const first = min(c.kernelRows, max(0, c.padTop - y * c.stride));
  const end = max(first, min(c.kernelRows, c.inputRows + c.padTop - y * c.stride));
  const starts: usize = c.starts + ((channel * c.kernelRows) << 2);
  const begin: usize = load<i32>(starts + (first << 2)), stop: usize = load<i32>(starts + (end << 2));
  let input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow;
  let output: usize = c.output + y * c.outputRow + offset(c.outputTable, c.outputChannel, channel);
  let mask: usize = c.mask + y * c.maskRow + offset(c.maskTable, c.maskChannel, channel);
  let x = 0;
  for (; x + 2 <= c.columns; x += 2) {
    twoPixels(c, channel, begin, stop, input, output, mask);
    input += 2 * c.inputColumn;
    output += 2 * c.outputColumn;
    mask += 2 * c.maskColumn;
  }
  if (x < c.columns) onePixel(c, channel, begin, stop, input, output, mask);
}

@inline
function twoPixels(c: Convolve, channel: i32, begin: usize, stop: usize, input: usize, output: usize, mask: usize): void {
  const next: usize = c.inputColumn, values: usize = c.values;
  const bias = biasOf(c, channel);
  let a0 = bias, a1 = bias, a2 = bias, a3 = bias, b0 = bias, b1 = bias, b2 = bias, b3 = bias;
  if (begin < stop) {
    let at = begin;
    do {
      const from = input + load<i32>(at), beside = from + next;
      const w = v128.load_splat<f32>(values + load<i32>(at, 4));
      a0 = fma(v128.load(from), w, a0);
      a1 = fma(v128.load(from, 16), w, a1);
      a2 = fma(v128.load(from, 32), w, a2);
      a3 = fma(v128.load(from, 48), w, a3);
      b0 = fma(v128.load(beside), w, b0);
      b1 = fma(v128.load(beside, 16), w, b1);
      b2 = fma(v128.load(beside, 32), w, b2);
      b3 = fma(v128.load(beside, 48), w, b3);
      at += 8;
    } while (at < stop);
  }
  const relu = c.relu != 0, hasMask = c.mask != 0;
  finish(output, mask, hasMask, relu, a0, a1);
  finish(output + 32, mask + 32, hasMask, relu, a2, a3);
  output += c.outputColumn;
  mask += c.maskColumn;
  finish(output, mask, hasMask, relu, b0, b1);
  finish(output + 32, mask + 32, hasMask, relu, b2, b3);
}

function onePixel(c: Convolve, channel: i32, begin: usize, stop: usize, input: usize, output: usize, mask: usize): void {
  const values: usize = c.values;
  let s0 = biasOf(c, channel), s1 = s0, s2 = s0, s3 = s0;
  for (let at = begin; at < stop; at += 8) {
    const from = input + load<i32>(at);
    const w = v128.load_splat<f32>(values + load<i32>(at, 4));
    s0 = fma(v128.load(from), w, s0);
    s1 = fma(v128.load(from, 16), w, s1);
    s2 = fma(v128.load(from, 32), w, s2);
    s3 = fma(v128.load(from, 48), w, s3);
  }
  const hasMask = c.mask != 0;
  finish(output, mask, hasMask, c.relu != 0, s0, s1);
  finish(output + 32, mask + 32, hasMask, c.relu != 0, s2, s3);
}

@inline
function biasOf(c: Convolve, channel: i32): v128 {
  return c.bias ? v128.load_splat<f32>(c.bias + (channel << 2)) : zero();
}

/** The gradient of the weights that are listed, and of the bias, over the output rows `y ... yEnd - 1`. */
export function sparseWeights(c: ConvolveWeights, y: i32, yEnd: i32): void {
  addRows(c, 0, c.channels, y, yEnd);
  for (let channel = 0; channel < c.channels; channel++) {
    for (let k = 0; k < c.kernelRows; k++) {
      let from = y, to = yEnd;
      while (from < to && from * c.stride + k - c.padTop < 0) from++;
      while (to > from && (to - 1) * c.stride + k - c.padTop >= c.inputRows) to--;
      if (from >= to) continue;
      const starts: usize = c.starts + ((channel * c.listRows + k) << 2);
      let at: usize = load<i32>(starts);
      const stop: usize = load<i32>(starts + ((c.kernelRows == 1 ? c.listRows : 1) << 2));
      for (; at + 32 <= stop; at += 32) fourTaps(c, channel, from, to, at);
      for (; at < stop; at += 8) oneTap(c, channel, from, to, at);
    }
  }
}

function fourTaps(c: ConvolveWeights, channel: i32, from: i32, to: i32, at: usize): void {
  const t0 = load<i32>(at), t1 = load<i32>(at, 8), t2 = load<i32>(at, 16), t3 = load<i32>(at, 24);
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero();
  const together = c.inputColumn == PIXEL && c.gradientColumn == PIXEL;
  const runs = together ? 1 : c.columns;
  const runBytes: usize = together ? c.columns * PIXEL : PIXEL;
  for (let y = from; y < to; y++) {
    for (let run = 0; run < runs; run++) {
      const input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow + run * c.inputColumn;
      let p0 = input + t0, p1 = input + t1, p2 = input + t2, p3 = input + t3;
      let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + run * c.gradientColumn;
      const end = gradient + runBytes;
      do {
        const g = v128.load(gradient), h = v128.load(gradient, 16);
        a0 = fma(v128.load(p0), g, a0);
        b0 = fma(v128.load(p0, 16), h, b0);
        a1 = fma(v128.load(p1), g, a1);
        b1 = fma(v128.load(p1, 16), h, b1);
        a2 = fma(v128.load(p2), g, a2);
        b2 = fma(v128.load(p2, 16), h, b2);
        a3 = fma(v128.load(p3), g, a3);
        b3 = fma(v128.load(p3, 16), h, b3);
        p0 += 32;
        p1 += 32;
        p2 += 32;
        p3 += 32;
        gradient += 32;
      } while (gradient < end);
    }
  }
  add(c, at, a0, b0);
  add(c, at + 8, a1, b1);
  add(c, at + 16, a2, b2);
  add(c, at + 24, a3, b3);
}

function oneTap(c: ConvolveWeights, channel: i32, from: i32, to: i32, at: usize): void {
  const tap = load<i32>(at);
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  for (let y = from; y < to; y++) {
    let input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow + tap;
    let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
    for (let x = 0; x < c.columns; x++) {
      s0 = fma(v128.load(input), v128.load(gradient), s0);
      s1 = fma(v128.load(input, 16), v128.load(gradient, 16), s1);
      s2 = fma(v128.load(input, 32), v128.load(gradient, 32), s2);
      s3 = fma(v128.load(input, 48), v128.load(gradient, 48), s3);
      input += c.inputColumn;
      gradient += c.gradientColumn;
    }
  }
  add(c, at, f32x4.add(s0, s1), f32x4.add(s2, s3));
}

@inline
function add(c: ConvolveWeights, entry: usize, x: v128, y: v128): void {
  const sums: usize = c.allSums + (load<i32>(entry, 4) << 2);
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.add(x, y)));
}
