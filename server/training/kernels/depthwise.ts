import { Depthwise } from '../commands/depthwise';
import { fma, gate, PIXEL, rectify, zero } from './simd';
import { beside, put, STEP } from './wide/pair';

export function depthwise(c: Depthwise): void {
  // Output rows whose windows lie inside the input, which all have the same taps.
  let top = 0, bottom = c.rows;
  while (top < bottom && top * c.stride < c.padTop) top++;
  while (bottom > top && (bottom - 1) * c.stride + c.kernelRows > c.inputRows + c.padTop) bottom--;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < top; y++) rowsOf(c, channel, y, y + 1);
    if (top < bottom) rowsOf(c, channel, top, bottom);
    for (let y = bottom; y < c.rows; y++) rowsOf(c, channel, y, y + 1);
  }
}

/** Windows of at most 3x3, as kernels, clipped ones and the phases of strided gradients have, keep their weights in registers. */
function rowsOf(c: Depthwise, channel: i32, from: i32, to: i32): void {
  const first = max(0, c.padTop - from * c.stride);
  const last = min(c.kernelRows, c.inputRows + c.padTop - from * c.stride);
  const rows = max(0, last - first);
  // Those kernels read a row's taps side by side; taps of a dilated row lie apart.
  const apart = c.rowTaps > 1 && tap(c, 1) - tap(c, 0) != PIXEL;
  if (apart) anyTaps(c, channel, from, to, first, rows * c.rowTaps);
  else if (rows == 1 && c.rowTaps == 1) oneByOne(c, channel, from, to, first);
  else if (rows == 1 && c.rowTaps == 2) oneByTwo(c, channel, from, to, first);
  else if (rows == 1 && c.rowTaps == 3) oneByThree(c, channel, from, to, first);
  else if (rows == 2 && c.rowTaps == 1) twoByOne(c, channel, from, to, first);
  else if (rows == 2 && c.rowTaps == 2) twoByTwo(c, channel, from, to, first);
  else if (rows == 2 && c.rowTaps == 3) twoByThree(c, channel, from, to, first);
  else if (rows == 3 && c.rowTaps == 1) threeByOne(c, channel, from, to, first);
  else if (rows == 3 && c.rowTaps == 2) threeByTwo(c, channel, from, to, first);
  else if (rows == 3 && c.rowTaps == 3) threeByThree(c, channel, from, to, first);
  else anyTaps(c, channel, from, to, first, rows * c.rowTaps);
}

function oneByOne(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 1, 1);
}
function oneByTwo(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 1, 2);
}
function oneByThree(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 1, 3);
}
function twoByOne(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 2, 1);
}
function twoByTwo(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 2, 2);
}
function twoByThree(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 2, 3);
}
function threeByOne(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 3, 1);
}
function threeByTwo(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  window(c, channel, from, to, first, 3, 2);
}
function threeByThree(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  if (c.inputColumn != PIXEL || c.outputColumn != PIXEL) window(c, channel, from, to, first, 3, 3);
  else if (c.mask) masked(c, channel, from, to, first);
  else plain(c, channel, from, to, first);
}
function plain(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  slide(c, channel, from, to, first, c.relu != 0, false);
}
function masked(c: Depthwise, channel: i32, from: i32, to: i32, first: i32): void {
  slide(c, channel, from, to, first, false, true);
}
/**
 * Rows of 3x3 windows, column by column for one vector of samples: each column of the input is loaded once and has its share in the
 * outputs that it is the last, the middle and the first column of. `hasMask` is a constant at each call: no kernel has a ReLU and a mask.
 */
@inline
function slide(c: Depthwise, channel: i32, from: i32, to: i32, first: i32, relu: bool, hasMask: bool): void {
  const bias = biasOf(c, channel), begin = first * 3;
  const a0 = weight(c, channel, begin), a1 = weight(c, channel, begin + 1), a2 = weight(c, channel, begin + 2);
  const b0 = weight(c, channel, begin + 3), b1 = weight(c, channel, begin + 4), b2 = weight(c, channel, begin + 5);
  const c0 = weight(c, channel, begin + 6), c1 = weight(c, channel, begin + 7), c2 = weight(c, channel, begin + 8);
  const rowBytes: usize = tap(c, begin + 3) - tap(c, begin);
  for (let y = from; y < to; y++) {
    for (let j: usize = 0; j < <usize>PIXEL; j += STEP) {
      let above: usize = inputRow(c, channel, y) + tap(c, begin) + j, middle = above + rowBytes, below = middle + rowBytes;
      let output: usize = outputRow(c, channel, y) + j, mask: usize = maskRow(c, channel, y) + j;
      const end: usize = output + c.columns * PIXEL;
      let x = v128.load(above), m = v128.load(middle), z = v128.load(below);
      let X = beside(above, x), M = beside(middle, m), Z = beside(below, z);
      // The sums of the next output and of that after it.
      let next = three(x, m, z, a0, b0, c0, bias), Next = three(X, M, Z, a0, b0, c0, bias);
      above += PIXEL;
      middle += PIXEL;
      below += PIXEL;
      x = v128.load(above);
      X = beside(above, x);
      m = v128.load(middle);
      M = beside(middle, m);
      z = v128.load(below);
      Z = beside(below, z);
      next = three(x, m, z, a1, b1, c1, next);
      Next = three(X, M, Z, a1, b1, c1, Next);
      let second = three(x, m, z, a0, b0, c0, bias), Second = three(X, M, Z, a0, b0, c0, bias);
      do {
        above += PIXEL;
        middle += PIXEL;
        below += PIXEL;
        x = v128.load(above);
        X = beside(above, x);
        m = v128.load(middle);
        M = beside(middle, m);
        z = v128.load(below);
        Z = beside(below, z);
        let s = f32x4.add(next, product(x, m, z, a2, b2, c2)), S = f32x4.add(Next, product(X, M, Z, a2, b2, c2));
        next = f32x4.add(second, product(x, m, z, a1, b1, c1));
        Next = f32x4.add(Second, product(X, M, Z, a1, b1, c1));
        second = three(x, m, z, a0, b0, c0, bias);
        Second = three(X, M, Z, a0, b0, c0, bias);
        if (relu) {
          s = rectify(s);
          S = rectify(S);
        }
        if (hasMask) {
          const by = v128.load(mask), By = beside(mask, by);
          s = gate(by, s);
          S = gate(By, S);
          mask += PIXEL;
        }
        put(output, s, S);
        output += PIXEL;
      } while (output < end);
    }
  }
}

@inline
function three(x: v128, m: v128, z: v128, a: v128, b: v128, c: v128, sum: v128): v128 {
  return fma(z, c, fma(m, b, fma(x, a, sum)));
}
@inline
function product(x: v128, m: v128, z: v128, a: v128, b: v128, c: v128): v128 {
  return fma(z, c, fma(m, b, f32x4.mul(x, a)));
}

/** `rows` and `columns` are constants at each call, so that the taps that a window does not have fold away. */
@inline
function window(c: Depthwise, channel: i32, from: i32, to: i32, first: i32, rows: i32, columns: i32): void {
  const bias = biasOf(c, channel), begin = first * columns;
  const a0 = weight(c, channel, begin), a1 = columns > 1 ? weight(c, channel, begin + 1) : bias;
  const a2 = columns > 2 ? weight(c, channel, begin + 2) : bias;
  const b0 = rows > 1 ? weight(c, channel, begin + columns) : bias, b1 = rows > 1 && columns > 1 ? weight(c, channel, begin + columns + 1) : bias;
  const b2 = rows > 1 && columns > 2 ? weight(c, channel, begin + columns + 2) : bias;
  const c0 = rows > 2 ? weight(c, channel, begin + 2 * columns) : bias;
  const c1 = rows > 2 && columns > 1 ? weight(c, channel, begin + 2 * columns + 1) : bias;
  const c2 = rows > 2 && columns > 2 ? weight(c, channel, begin + 2 * columns + 2) : bias;
  const relu = c.relu != 0, hasMask = c.mask != 0;
  for (let y = from; y < to; y++) {
    const input: usize = inputRow(c, channel, y);
    let above: usize = input + tap(c, begin), middle = rows > 1 ? input + tap(c, begin + columns) : above;
    let below = rows > 2 ? input + tap(c, begin + 2 * columns) : above;
    let output: usize = outputRow(c, channel, y), mask: usize = maskRow(c, channel, y);
    const end: usize = output + c.columns * c.outputColumn;
    do {
      let s0 = fma(v128.load(above), a0, bias), s1 = fma(v128.load(above, 16), a0, bias);
      let s2 = fma(v128.load(above, 32), a0, bias), s3 = fma(v128.load(above, 48), a0, bias);
      if (columns > 1) {
        s0 = fma(v128.load(above, 64), a1, s0);
        s1 = fma(v128.load(above, 80), a1, s1);
        s2 = fma(v128.load(above, 96), a1, s2);
        s3 = fma(v128.load(above, 112), a1, s3);
      }
      if (columns > 2) {
        s0 = fma(v128.load(above, 128), a2, s0);
        s1 = fma(v128.load(above, 144), a2, s1);
        s2 = fma(v128.load(above, 160), a2, s2);
        s3 = fma(v128.load(above, 176), a2, s3);
      }
      if (rows > 1) {
        s0 = fma(v128.load(middle), b0, s0);
        s1 = fma(v128.load(middle, 16), b0, s1);
        s2 = fma(v128.load(middle, 32), b0, s2);
        s3 = fma(v128.load(middle, 48), b0, s3);
        if (columns > 1) {
          s0 = fma(v128.load(middle, 64), b1, s0);
          s1 = fma(v128.load(middle, 80), b1, s1);
          s2 = fma(v128.load(middle, 96), b1, s2);
          s3 = fma(v128.load(middle, 112), b1, s3);
        }
        if (columns > 2) {
          s0 = fma(v128.load(middle, 128), b2, s0);
          s1 = fma(v128.load(middle, 144), b2, s1);
          s2 = fma(v128.load(middle, 160), b2, s2);
          s3 = fma(v128.load(middle, 176), b2, s3);
        }
        middle += c.inputColumn;
      }
      if (rows > 2) {
        s0 = fma(v128.load(below), c0, s0);
        s1 = fma(v128.load(below, 16), c0, s1);
        s2 = fma(v128.load(below, 32), c0, s2);
        s3 = fma(v128.load(below, 48), c0, s3);
        if (columns > 1) {
          s0 = fma(v128.load(below, 64), c1, s0);
          s1 = fma(v128.load(below, 80), c1, s1);
          s2 = fma(v128.load(below, 96), c1, s2);
          s3 = fma(v128.load(below, 112), c1, s3);
        }
        if (columns > 2) {
          s0 = fma(v128.load(below, 128), c2, s0);
          s1 = fma(v128.load(below, 144), c2, s1);
          s2 = fma(v128.load(below, 160), c2, s2);
          s3 = fma(v128.load(below, 176), c2, s3);
        }
        below += c.inputColumn;
      }
      finish(output, mask, hasMask, relu, s0, s1, s2, s3);
      above += c.inputColumn;
      output += c.outputColumn;
      mask += c.maskColumn;
    } while (output < end);
  }
}

function anyTaps(c: Depthwise, channel: i32, from: i32, to: i32, first: i32, count: i32): void {
  const bias = biasOf(c, channel);
  const tapsBegin: usize = c.taps + ((first * c.rowTaps) << 3), tapsEnd: usize = tapsBegin + (count << 3);
  const weights: usize = c.weights + channel * c.weightsChannel;
  const relu = c.relu != 0, hasMask = c.mask != 0;
  for (let y = from; y < to; y++) {
    for (let x = 0; x < c.columns; x++) {
      const pixel: usize = inputRow(c, channel, y) + x * c.inputColumn;
      let s0 = bias, s1 = bias, s2 = bias, s3 = bias;
      let at = tapsBegin;
      if (count) do {
        const from = pixel + load<i32>(at);
        const w = v128.load_splat<f32>(weights + load<i32>(at, 4));
        s0 = fma(v128.load(from), w, s0);
        s1 = fma(v128.load(from, 16), w, s1);
        s2 = fma(v128.load(from, 32), w, s2);
        s3 = fma(v128.load(from, 48), w, s3);
        at += 8;
      } while (at < tapsEnd);
      const mask: usize = maskRow(c, channel, y) + x * c.maskColumn;
      const output: usize = outputRow(c, channel, y) + x * c.outputColumn;
      finish(output, mask, hasMask, relu, s0, s1, s2, s3);
    }
  }
}

@inline
function finish(output: usize, mask: usize, hasMask: bool, relu: bool, s0: v128, s1: v128, s2: v128, s3: v128): void {
  if (relu) {
    s0 = rectify(s0);
    s1 = rectify(s1);
    s2 = rectify(s2);
    s3 = rectify(s3);
  }
  if (hasMask) {
    s0 = gate(v128.load(mask), s0);
    s1 = gate(v128.load(mask, 16), s1);
    s2 = gate(v128.load(mask, 32), s2);
    s3 = gate(v128.load(mask, 48), s3);
  }
  v128.store(output, s0);
  v128.store(output, s1, 16);
  v128.store(output, s2, 32);
  v128.store(output, s3, 48);
}

@inline
function biasOf(c: Depthwise, channel: i32): v128 {
  return c.bias ? v128.load_splat<f32>(c.bias + (channel << 2)) : zero();
}
@inline
function weight(c: Depthwise, channel: i32, index: i32): v128 {
  return v128.load_splat<f32>(c.weights + channel * c.weightsChannel + load<i32>(c.taps + (index << 3), 4));
}
@inline
function tap(c: Depthwise, index: i32): usize {
  return load<i32>(c.taps + (index << 3));
}
@inline
function inputRow(c: Depthwise, channel: i32, y: i32): usize {
  return c.input + channel * c.inputChannel + (y * c.stride - c.padTop) * c.inputRow;
}
@inline
function outputRow(c: Depthwise, channel: i32, y: i32): usize {
  return c.output + channel * c.outputChannel + y * c.outputRow;
}
@inline
function maskRow(c: Depthwise, channel: i32, y: i32): usize {
  return c.mask + channel * c.maskChannel + y * c.maskRow;
}
