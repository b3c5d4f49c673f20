import { Convolve } from '../commands/convolve';
import { fma, gate, PIXEL, rectify, zero } from './simd';
import { convolveSparse } from './sparse';
import { WIDE } from './wide/width';

export function convolve(c: Convolve): void {
  if (load<i32>(c.sparse)) return convolveSparse(c);
  for (let y = 0; y < c.rows; y++) {
    let channel = 0;
    for (; channel + 4 <= c.channels; channel += 4) four(c, channel, y);
    if (channel + 2 <= c.channels) {
      two(c, channel, y);
      channel += 2;
    }
    if (channel < c.channels) one(c, channel, y);
  }
}

function four(c: Convolve, channel: i32, y: i32): void {
  if (c.mask) maskedFour(c, channel, y);
  else if (c.relu) rectifiedFour(c, channel, y);
  else plainFour(c, channel, y);
}
function plainFour(c: Convolve, channel: i32, y: i32): void {
  row(c, channel, y, 4, WIDE ? 4 : 2, false, false);
}
function rectifiedFour(c: Convolve, channel: i32, y: i32): void {
  row(c, channel, y, 4, WIDE ? 4 : 2, true, false);
}
function maskedFour(c: Convolve, channel: i32, y: i32): void {
  row(c, channel, y, 4, WIDE ? 4 : 2, false, true);
}
function two(c: Convolve, channel: i32, y: i32): void {
  row(c, channel, y, 2, 4, c.relu != 0, c.mask != 0);
}
function one(c: Convolve, channel: i32, y: i32): void {
  row(c, channel, y, 1, 4, c.relu != 0, c.mask != 0);
}

/**
 * One output row of 1, 2 or 4 channels, in tiles of that many channels by `vectors` x 4 samples: constants at each call, so that what a
 * tile does not use folds away. 8 sums, and 15 live vectors at most, is what V8 keeps in registers; unrolling the taps makes it slower.
 */
@inline
function row(c: Convolve, channel: i32, y: i32, channels: i32, vectors: i32, relu: bool, hasMask: bool): void {
  const taps = c.kernelRows * c.rowTaps;
  const first = max(0, c.padTop - y * c.stride);
  const end = min(c.kernelRows, c.inputRows + c.padTop - y * c.stride);
  const count = max(0, end - first) * c.rowTaps;
  const tapsBegin: usize = c.taps + ((first * c.rowTaps) << 2);
  const tapsEnd: usize = tapsBegin + (count << 2);
  const weights: usize = c.weights + (((channel & ~3) * taps + first * c.rowTaps * 4 + (channel & 3)) << 2);

  const bias: usize = c.bias + (channel << 2), hasBias = c.bias != 0;
  const biasA = hasBias ? v128.load_splat<f32>(bias) : zero();
  const biasB = hasBias && channels > 1 ? v128.load_splat<f32>(bias, 4) : zero();
  const biasC = hasBias && channels > 2 ? v128.load_splat<f32>(bias, 8) : zero();
  const biasD = hasBias && channels > 2 ? v128.load_splat<f32>(bias, 12) : zero();

  const outA = offset(c.outputTable, c.outputChannel, channel);
  const outB = offset(c.outputTable, c.outputChannel, channel + (channels > 1 ? 1 : 0));
  const outC = offset(c.outputTable, c.outputChannel, channel + (channels > 2 ? 2 : 0));
  const outD = offset(c.outputTable, c.outputChannel, channel + (channels > 2 ? 3 : 0));
  const maskA = offset(c.maskTable, c.maskChannel, channel);
  const maskB = offset(c.maskTable, c.maskChannel, channel + (channels > 1 ? 1 : 0));
  const maskC = offset(c.maskTable, c.maskChannel, channel + (channels > 2 ? 2 : 0));
  const maskD = offset(c.maskTable, c.maskChannel, channel + (channels > 2 ? 3 : 0));

  // Where pixels lie side by side a whole row is one run.
  const dense = c.inputColumn == PIXEL && c.outputColumn == PIXEL && (!hasMask || c.maskColumn == PIXEL);
  const runs = dense ? 1 : c.columns;
  const runBytes = dense ? c.columns * PIXEL : PIXEL;
  for (let run = 0; run < runs; run++) {
    let input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow + run * c.inputColumn;
    let output: usize = c.output + y * c.outputRow + run * c.outputColumn;
    let mask: usize = c.mask + y * c.maskRow + run * c.maskColumn;
    const outputEnd = output + runBytes;
    do {
      let a0 = biasA, a1 = biasA, a2 = biasA, a3 = biasA;
      let b0 = biasB, b1 = biasB, b2 = biasB, b3 = biasB;
      let c0 = biasC, c1 = biasC, c2 = biasC, c3 = biasC;
      let d0 = biasD, d1 = biasD, d2 = biasD, d3 = biasD;
      let weight = weights, tap = tapsBegin;
      if (count) do {
        const from = input + load<i32>(tap);
        const x0 = v128.load(from), x1 = v128.load(from, 16);
        const x2 = vectors > 2 ? v128.load(from, 32) : x0, x3 = vectors > 2 ? v128.load(from, 48) : x0;
        const wa = v128.load_splat<f32>(weight);
        a0 = fma(x0, wa, a0);
        a1 = fma(x1, wa, a1);
        if (vectors > 2) {
          a2 = fma(x2, wa, a2);
          a3 = fma(x3, wa, a3);
        }
        if (channels > 1) {
          const wb = v128.load_splat<f32>(weight, 4);
          b0 = fma(x0, wb, b0);
          b1 = fma(x1, wb, b1);
          if (vectors > 2) {
            b2 = fma(x2, wb, b2);
            b3 = fma(x3, wb, b3);
          }
        }
        if (channels > 2) {
          const wc = v128.load_splat<f32>(weight, 8);
          c0 = fma(x0, wc, c0);
          c1 = fma(x1, wc, c1);
          if (vectors > 2) {
            c2 = fma(x2, wc, c2);
            c3 = fma(x3, wc, c3);
          }
          const wd = v128.load_splat<f32>(weight, 12);
          d0 = fma(x0, wd, d0);
          d1 = fma(x1, wd, d1);
          if (vectors > 2) {
            d2 = fma(x2, wd, d2);
            d3 = fma(x3, wd, d3);
          }
        }
        weight += 16;
        tap += 4;
      } while (tap < tapsEnd);
      put(output + outA, mask + maskA, vectors, hasMask, relu, a0, a1, a2, a3);
      if (channels > 1) put(output + outB, mask + maskB, vectors, hasMask, relu, b0, b1, b2, b3);
      if (channels > 2) {
        put(output + outC, mask + maskC, vectors, hasMask, relu, c0, c1, c2, c3);
        put(output + outD, mask + maskD, vectors, hasMask, relu, d0, d1, d2, d3);
      }
      output += vectors << 4;
      input += vectors << 4;
      mask += vectors << 4;
    } while (output < outputEnd);
  }
}

@inline
function put(output: usize, mask: usize, vectors: i32, hasMask: bool, relu: bool, s0: v128, s1: v128, s2: v128, s3: v128): void {
  if (relu) {
    s0 = rectify(s0);
    s1 = rectify(s1);
    if (vectors > 2) {
      s2 = rectify(s2);
      s3 = rectify(s3);
    }
  }
  if (hasMask) {
    s0 = gate(v128.load(mask), s0);
    s1 = gate(v128.load(mask, 16), s1);
    if (vectors > 2) {
      s2 = gate(v128.load(mask, 32), s2);
      s3 = gate(v128.load(mask, 48), s3);
    }
  }
  v128.store(output, s0);
  v128.store(output, s1, 16);
  if (vectors > 2) {
    v128.store(output, s2, 32);
    v128.store(output, s3, 48);
  }
}

@inline
export function finish(output: usize, mask: usize, hasMask: bool, relu: bool, low: v128, high: v128): void {
  if (relu) {
    low = rectify(low);
    high = rectify(high);
  }
  if (hasMask) {
    low = gate(v128.load(mask), low);
    high = gate(v128.load(mask, 16), high);
  }
  v128.store(output, low);
  v128.store(output, high, 16);
}

@inline
export function offset(table: i32, stride: i32, channel: i32): usize {
  return table ? load<i32>(table + (channel << 2)) : channel * stride;
}
