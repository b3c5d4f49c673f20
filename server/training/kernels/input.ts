import { Gather, Shift } from '../commands';
import { PIXEL } from './simd';

export function gather(c: Gather): void {
  const sampleBytes: usize = c.channels * c.rows * c.columns;
  for (let sample = 0; sample < 16; sample += 4) {
    let s0: usize = c.bytes + sample * sampleBytes, s1 = s0 + sampleBytes, s2 = s1 + sampleBytes, s3 = s2 + sampleBytes;
    for (let y = 0; y < c.rows; y++) {
      for (let x = 0; x < c.columns; x++) {
        let output: usize = c.output + y * c.outputRow + x * PIXEL + (sample << 2);
        for (let channel = 0; channel < c.channels; channel++) {
          store<f32>(output, value(c, s0++));
          store<f32>(output, value(c, s1++), 4);
          store<f32>(output, value(c, s2++), 8);
          store<f32>(output, value(c, s3++), 12);
          output += c.outputChannel;
        }
      }
    }
  }
}

@inline
function value(c: Gather, at: usize): f32 {
  return load<f32>(c.table + (<usize>load<u8>(at) << 2));
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
