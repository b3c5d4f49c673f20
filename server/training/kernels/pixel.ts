import { ConvolveWeights } from '../commands/convolve';
import { fma, zero } from './simd';

/** The weight gradient where the output is one pixel, as of a dense layer: its gradient stays in registers, two channels at a time, while the taps pass by. */
export function pixelWeights(c: ConvolveWeights): void {
  let channel = 0;
  for (; channel + 2 <= c.channels; channel += 2) two(c, channel);
  if (channel < c.channels) one(c, channel);
}

function two(c: ConvolveWeights, channel: i32): void {
  taps(c, channel, 2);
}
function one(c: ConvolveWeights, channel: i32): void {
  taps(c, channel, 1);
}

/** `channels` is a constant at each call. */
@inline
function taps(c: ConvolveWeights, channel: i32, channels: i32): void {
  const a: usize = c.gradient + channel * c.gradientChannel, b: usize = channels > 1 ? a + c.gradientChannel : a;
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48);
  const b0 = channels > 1 ? v128.load(b) : zero(), b1 = channels > 1 ? v128.load(b, 16) : zero();
  const b2 = channels > 1 ? v128.load(b, 32) : zero(), b3 = channels > 1 ? v128.load(b, 48) : zero();
  if (c.biasSums) {
    const bias: usize = c.biasSums + (channel << 4);
    add(bias, f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)));
    if (channels > 1) add(bias + 16, f32x4.add(f32x4.add(b0, b1), f32x4.add(b2, b3)));
  }
  let sums: usize = c.sums + (((channel >> 2) * c.rowTaps) << 6) + ((channel & 3) << 4), tap: usize = c.taps;
  const input: usize = c.input - c.padTop * c.inputRow, end: usize = tap + (c.rowTaps << 2);
  do {
    const from = input + load<i32>(tap);
    const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
    add(sums, f32x4.add(fma(x1, a1, f32x4.mul(x0, a0)), fma(x3, a3, f32x4.mul(x2, a2))));
    if (channels > 1) add(sums + 16, f32x4.add(fma(x1, b1, f32x4.mul(x0, b0)), fma(x3, b3, f32x4.mul(x2, b2))));
    sums += 64;
    tap += 4;
  } while (tap < end);
}

@inline
function add(to: usize, value: v128): void {
  v128.store(to, f32x4.add(v128.load(to), value));
}
