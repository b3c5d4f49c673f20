import { Gather, Shift } from '../commands/input';
import { PIXEL } from './simd';

/** 16 values of 4 samples at a time: bytes are interleaved, widened and laid out one vector per value. */
export function gather(c: Gather): void {
  if (c.channels == 1 && c.columns >= 16) gatherRows(c);
  else gatherAny(c);
}

/** One channel: values lie side by side in the plane. The last 16 of a row overlap those before. */
function gatherRows(c: Gather): void {
  const values = c.rows * c.columns;
  const zeroPoint = f32x4.splat(load<f32>(c.encoding)), scale = f32x4.splat(load<f32>(c.encoding, 4));
  for (let y = 0; y < c.rows; y++) {
    for (let x = 0; x < c.columns; x += 16) {
      const column = min(x, c.columns - 16);
      const from: usize = c.bytes + y * c.columns + column, to: usize = c.output + y * c.outputRow + column * PIXEL;
      sixteen(from, values, to, PIXEL, zeroPoint, scale);
      sixteen(from + 4 * values, values, to + 16, PIXEL, zeroPoint, scale);
      sixteen(from + 8 * values, values, to + 32, PIXEL, zeroPoint, scale);
      sixteen(from + 12 * values, values, to + 48, PIXEL, zeroPoint, scale);
    }
  }
}

/** Any number of channels, by way of `scratch`. */
function gatherAny(c: Gather): void {
  const values = c.channels * c.rows * c.columns;
  const zeroPoint = f32x4.splat(load<f32>(c.encoding)), scale = f32x4.splat(load<f32>(c.encoding, 4));
  for (let sample = 0; sample < 16; sample += 4) {
    let output: usize = c.output + (sample << 2), channel = 0, column = 0;
    for (let value = 0; value < values; value += 16) {
      sixteen(c.bytes + sample * values + value, values, c.scratch, 16, zeroPoint, scale);
      const count = min(16, values - value);
      for (let i = 0; i < count; i++) {
        v128.store(output, v128.load(c.scratch + (i << 4)));
        output += c.outputChannel;
        if (++channel < c.channels) continue;
        channel = 0;
        output += PIXEL - c.channels * c.outputChannel;
        if (++column < c.columns) continue;
        column = 0;
        output += c.outputRow - c.columns * PIXEL;
      }
    }
  }
}

/** 16 values of 4 samples that lie `values` apart; each value's vector is stored `step` bytes after the last. */
@inline
function sixteen(from: usize, values: usize, to: usize, step: usize, zeroPoint: v128, scale: v128): void {
  const s0 = v128.load(from), s1 = v128.load(from + values), s2 = v128.load(from + 2 * values), s3 = v128.load(from + 3 * values);
  const a = lowBytes(s0, s1), b = lowBytes(s2, s3), d = highBytes(s0, s1), e = highBytes(s2, s3);
  widen(to, step, lowPairs(a, b), zeroPoint, scale);
  widen(to + 4 * step, step, highPairs(a, b), zeroPoint, scale);
  widen(to + 8 * step, step, lowPairs(d, e), zeroPoint, scale);
  widen(to + 12 * step, step, highPairs(d, e), zeroPoint, scale);
}

/** 4 values of 4 samples. */
@inline
function widen(to: usize, step: usize, bytes: v128, zeroPoint: v128, scale: v128): void {
  const low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes);
  v128.store(to, decode(i32x4.extend_low_i16x8_u(low), zeroPoint, scale));
  v128.store(to + step, decode(i32x4.extend_high_i16x8_u(low), zeroPoint, scale));
  v128.store(to + 2 * step, decode(i32x4.extend_low_i16x8_u(high), zeroPoint, scale));
  v128.store(to + 3 * step, decode(i32x4.extend_high_i16x8_u(high), zeroPoint, scale));
}

@inline
function decode(bytes: v128, zeroPoint: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.sub(f32x4.convert_i32x4_u(bytes), zeroPoint), scale);
}

@inline
function lowBytes(x: v128, y: v128): v128 {
  return v128.shuffle<i8>(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
@inline
function highBytes(x: v128, y: v128): v128 {
  return v128.shuffle<i8>(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
@inline
function lowPairs(x: v128, y: v128): v128 {
  return v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11);
}
@inline
function highPairs(x: v128, y: v128): v128 {
  return v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15);
}

export function shift(c: Shift): void {
  const rowBytes = c.columns * c.channels;
  for (let sample = 0; sample < 16; sample++) {
    const down = load<i32>(c.shifts + (sample << 3)), right = load<i32>(c.shifts + (sample << 3), 4);
    const input: usize = c.input + sample * c.rows * rowBytes;
    for (let y = 0; y < c.rows; y++) {
      const from = input + clamp(y - down, c.rows) * rowBytes;
      shiftRow(from, c.output + (sample * c.rows + y) * rowBytes, right, c.columns, c.channels);
    }
  }
}

function shiftRow(from: usize, to: usize, right: i32, columns: i32, channels: i32): void {
  const begin = max(0, right), end = columns + min(0, right);
  for (let x = 0; x < begin; x++) memory.copy(to + x * channels, from, channels);
  memory.copy(to + begin * channels, from + (begin - right) * channels, (end - begin) * channels);
  for (let x = end; x < columns; x++) memory.copy(to + x * channels, from + (columns - 1) * channels, channels);
}

@inline
function clamp(index: i32, count: i32): i32 {
  return min(max(index, 0), count - 1);
}
