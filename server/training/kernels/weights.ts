import { ConvolveWeights } from '../commands/convolve';
import { pixelWeights } from './pixel';
import { addBoth, addTo, beside, STEP, together } from './wide/pair';
import { fma, PIXEL, zero } from './simd';
import { sparseWeights } from './sparse';

/** The weight gradient of a convolution or dense layer: a few output rows at a time, four channels at a time. */
export function convolveWeights(c: ConvolveWeights): void {
  if (!load<i32>(c.sparse) && c.rows * c.columns * c.kernelRows == 1) return pixelWeights(c);
  for (let y = 0; y < c.rows; y += c.rowsAtOnce) {
    const yEnd = min(y + c.rowsAtOnce, c.rows);
    if (load<i32>(c.sparse)) sparseWeights(c, y, yEnd);
    else for (let channel = 0; channel < c.channels; channel += 4) channelTile(c, channel, y, yEnd);
  }
}

function channelTile(c: ConvolveWeights, channel: i32, y: i32, yEnd: i32): void {
  const channels = min(4, c.channels - channel);
  // Where all rows take all taps the first tile of taps adds up the bias on the way.
  const onTheWay = c.kernelRows == 1 && c.rowTaps >= (channels == 4 ? 2 : 4);
  if (!onTheWay) addRows(c, channel, channels, y, yEnd);
  for (let k = 0; k < c.kernelRows; k++) {
    // Output rows whose tap in this kernel row lies inside the input.
    let from = y, to = yEnd;
    while (from < to && from * c.stride + k - c.padTop < 0) from++;
    while (to > from && (to - 1) * c.stride + k - c.padTop >= c.inputRows) to--;
    if (from >= to) continue;
    const tap = k * c.rowTaps, tapEnd = tap + c.rowTaps;
    const bias: usize = onTheWay && c.biasSums ? c.biasSums + (channel << 4) : 0;
    if (channels == 4) fourChannels(c, channel, from, to, tap, tapEnd, bias);
    else {
      if (channels >= 2) twoChannels(c, channel, from, to, tap, tapEnd, bias);
      if (channels & 1) oneChannel(c, channel + channels - 1, from, to, tap, tapEnd, bias ? bias + ((channels - 1) << 4) : 0);
    }
  }
}

/** Adds the bias' gradient of some channels over the rows. */
export function addRows(c: ConvolveWeights, channel: i32, channels: i32, y: i32, yEnd: i32): void {
  if (!c.biasSums) return;
  for (let end = channel + channels; channel < end; channel++) {
    const plane: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
    addPlane(plane, c.gradientRow, yEnd - y, c.columns, c.biasSums + (channel << 4));
  }
}

function fourChannels(c: ConvolveWeights, channel: i32, from: i32, to: i32, tap: i32, tapEnd: i32, bias: usize): void {
  if (bias) {
    accumulate(c, channel, from, to, tap, 4, 2, bias);
    tap += 2;
  }
  for (; tap + 2 <= tapEnd; tap += 2) accumulate(c, channel, from, to, tap, 4, 2, 0);
  if (tap < tapEnd) lastTap(c, channel, from, to, tap);
}
/** The odd tap of four channels, by a sum for each of two vectors: four sums alone would wait for each other. */
function lastTap(c: ConvolveWeights, channel: i32, from: i32, to: i32, tap: i32): void {
  const sums: usize = c.sums + (((channel >> 2) * c.kernelRows * c.rowTaps + tap) << 6);
  const offset = load<i32>(c.taps + (tap << 2));
  let a0 = zero(), b0 = zero(), c0 = zero(), d0 = zero(), a1 = zero(), b1 = zero(), c1 = zero(), d1 = zero();
  const dense = c.inputColumn == PIXEL;
  const runs = dense ? 1 : 2;
  const inputStep: usize = dense ? 32 : c.inputColumn, gradientStep: usize = dense ? 32 : PIXEL;
  const runBytes: usize = c.columns * PIXEL;
  for (let y = from; y < to; y++) {
    for (let run = 0; run < runs; run++) {
      let input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow + offset + (run << 5);
      const gradientA: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + (run << 5);
      const gradientB = gradientA + c.gradientChannel, gradientC = gradientB + c.gradientChannel, gradientD = gradientC + c.gradientChannel;
      let j: usize = 0;
      do {
        const x = v128.load(input), z = v128.load(input, 16);
        a0 = fma(x, v128.load(gradientA + j), a0);
        a1 = fma(z, v128.load(gradientA + j, 16), a1);
        b0 = fma(x, v128.load(gradientB + j), b0);
        b1 = fma(z, v128.load(gradientB + j, 16), b1);
        c0 = fma(x, v128.load(gradientC + j), c0);
        c1 = fma(z, v128.load(gradientC + j, 16), c1);
        d0 = fma(x, v128.load(gradientD + j), d0);
        d1 = fma(z, v128.load(gradientD + j, 16), d1);
        input += inputStep;
        j += gradientStep;
      } while (j < runBytes);
    }
  }
  addBoth(sums, a0, a1);
  addBoth(sums + 16, b0, b1);
  addBoth(sums + 32, c0, c1);
  addBoth(sums + 48, d0, d1);
}
function twoChannels(c: ConvolveWeights, channel: i32, from: i32, to: i32, tap: i32, tapEnd: i32, bias: usize): void {
  if (bias) {
    accumulate(c, channel, from, to, tap, 2, 4, bias);
    tap += 4;
  }
  for (; tap + 4 <= tapEnd; tap += 4) accumulate(c, channel, from, to, tap, 2, 4, 0);
  for (; tap < tapEnd; tap++) accumulate(c, channel, from, to, tap, 2, 1, 0);
}
function oneChannel(c: ConvolveWeights, channel: i32, from: i32, to: i32, tap: i32, tapEnd: i32, bias: usize): void {
  if (bias) {
    accumulate(c, channel, from, to, tap, 1, 4, bias);
    tap += 4;
  }
  for (; tap + 4 <= tapEnd; tap += 4) accumulate(c, channel, from, to, tap, 1, 4, 0);
  for (; tap < tapEnd; tap++) accumulate(c, channel, from, to, tap, 1, 1, 0);
}

/**
 * Adds gradient x input over the rows, for `channels` by `taps` weights: constants at each call, so that what a tile does not use folds away.
 * Unless `bias` is 0 sums the gradient up there, too.
 */
@inline
function accumulate(c: ConvolveWeights, channel: i32, from: i32, to: i32, tap: i32, channels: i32, taps: i32, bias: usize): void {
  const allTaps = c.kernelRows * c.rowTaps;
  const sums: usize = c.sums + (((channel >> 2) * allTaps + tap) << 6) + ((channel & 3) << 4);
  const offsets: usize = c.taps + (tap << 2);
  const t0 = load<i32>(offsets);
  const t1 = taps > 1 ? load<i32>(offsets, 4) : t0;
  const t2 = taps > 2 ? load<i32>(offsets, 8) : t0, t3 = taps > 2 ? load<i32>(offsets, 12) : t0;
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero();
  let A0 = zero(), A1 = zero(), A2 = zero(), A3 = zero(), B0 = zero(), B1 = zero(), B2 = zero(), B3 = zero();
  let c0 = zero(), c1 = zero(), d0 = zero(), d1 = zero(), sumA = zero(), sumB = zero(), sumC = zero(), sumD = zero();
  let C0 = zero(), C1 = zero(), D0 = zero(), D1 = zero(), SumA = zero(), SumB = zero(), SumC = zero(), SumD = zero();

  // Where pixels lie side by side a row is one run of vectors, else what is computed at a time has a run of its own.
  const dense = c.inputColumn == PIXEL;
  const runs: usize = dense ? 1 : <usize>PIXEL / STEP;
  const inputStep: usize = dense ? STEP : c.inputColumn, gradientStep: usize = dense ? STEP : PIXEL;
  const runBytes: usize = c.columns * PIXEL;
  for (let y = from; y < to; y++) {
    for (let run: usize = 0; run < runs; run++) {
      const input: usize = c.input + (y * c.stride - c.padTop) * c.inputRow + run * STEP;
      let p0 = input + t0, p1 = input + t1, p2 = input + t2, p3 = input + t3;
      const gradientA: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + run * STEP;
      const gradientB = gradientA + c.gradientChannel, gradientC = gradientB + c.gradientChannel, gradientD = gradientC + c.gradientChannel;
      let j: usize = 0;
      do {
        const x0 = v128.load(p0), X0 = beside(p0, x0);
        const x1 = taps > 1 ? v128.load(p1) : x0, X1 = taps > 1 ? beside(p1, x1) : X0;
        const x2 = taps > 2 ? v128.load(p2) : x0, X2 = taps > 2 ? beside(p2, x2) : X0;
        const x3 = taps > 2 ? v128.load(p3) : x0, X3 = taps > 2 ? beside(p3, x3) : X0;
        const ga = v128.load(gradientA + j), Ga = beside(gradientA + j, ga);
        if (bias) {
          sumA = f32x4.add(sumA, ga);
          SumA = f32x4.add(SumA, Ga);
        }
        a0 = fma(x0, ga, a0);
        A0 = fma(X0, Ga, A0);
        if (taps > 1) {
          a1 = fma(x1, ga, a1);
          A1 = fma(X1, Ga, A1);
        }
        if (taps > 2) {
          a2 = fma(x2, ga, a2);
          A2 = fma(X2, Ga, A2);
          a3 = fma(x3, ga, a3);
          A3 = fma(X3, Ga, A3);
        }
        if (channels > 1) {
          const gb = v128.load(gradientB + j), Gb = beside(gradientB + j, gb);
          if (bias) {
            sumB = f32x4.add(sumB, gb);
            SumB = f32x4.add(SumB, Gb);
          }
          b0 = fma(x0, gb, b0);
          B0 = fma(X0, Gb, B0);
          if (taps > 1) {
            b1 = fma(x1, gb, b1);
            B1 = fma(X1, Gb, B1);
          }
          if (taps > 2) {
            b2 = fma(x2, gb, b2);
            B2 = fma(X2, Gb, B2);
            b3 = fma(x3, gb, b3);
            B3 = fma(X3, Gb, B3);
          }
        }
        if (channels > 2) {
          const gc = v128.load(gradientC + j), Gc = beside(gradientC + j, gc);
          if (bias) {
            sumC = f32x4.add(sumC, gc);
            SumC = f32x4.add(SumC, Gc);
          }
          c0 = fma(x0, gc, c0);
          C0 = fma(X0, Gc, C0);
          if (taps > 1) {
            c1 = fma(x1, gc, c1);
            C1 = fma(X1, Gc, C1);
          }
          const gd = v128.load(gradientD + j), Gd = beside(gradientD + j, gd);
          if (bias) {
            sumD = f32x4.add(sumD, gd);
            SumD = f32x4.add(SumD, Gd);
          }
          d0 = fma(x0, gd, d0);
          D0 = fma(X0, Gd, D0);
          if (taps > 1) {
            d1 = fma(x1, gd, d1);
            D1 = fma(X1, Gd, D1);
          }
        }
        p0 += inputStep;
        if (taps > 1) p1 += inputStep;
        if (taps > 2) {
          p2 += inputStep;
          p3 += inputStep;
        }
        j += gradientStep;
      } while (j < runBytes);
    }
  }

  if (bias) {
    addTo(bias, sumA, SumA);
    if (channels > 1) addTo(bias + 16, sumB, SumB);
    if (channels > 2) {
      addTo(bias + 32, sumC, SumC);
      addTo(bias + 48, sumD, SumD);
    }
  }
  addTo(sums, a0, A0);
  if (taps > 1) addTo(sums + 64, a1, A1);
  if (taps > 2) {
    addTo(sums + 128, a2, A2);
    addTo(sums + 192, a3, A3);
  }
  if (channels > 1) {
    addTo(sums + 16, b0, B0);
    if (taps > 1) addTo(sums + 80, b1, B1);
    if (taps > 2) {
      addTo(sums + 144, b2, B2);
      addTo(sums + 208, b3, B3);
    }
  }
  if (channels > 2) {
    addTo(sums + 32, c0, C0);
    addTo(sums + 48, d0, D0);
    if (taps > 1) {
      addTo(sums + 96, c1, C1);
      addTo(sums + 112, d1, D1);
    }
  }
}

/** Adds the sum of a channel's values to four lanes at `to`. */
export function addPlane(plane: usize, rowBytes: i32, rows: i32, columns: i32, to: usize): void {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  for (let y = 0; y < rows; y++) {
    let from: usize = plane + y * rowBytes;
    const end: usize = from + columns * PIXEL;
    do {
      s0 = f32x4.add(s0, v128.load(from));
      s1 = f32x4.add(s1, v128.load(from, 16));
      s2 = f32x4.add(s2, v128.load(from, 32));
      s3 = f32x4.add(s3, v128.load(from, 48));
      from += PIXEL;
    } while (from < end);
  }
  v128.store(to, f32x4.add(v128.load(to), together(s0, s1, s2, s3)));
}
