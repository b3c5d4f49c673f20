import { WinogradGradient, WinogradInput, WinogradInputGradient, WinogradOutput, WinogradWeights, WinogradWeightsGradient } from '../../commands/winograd';
import { fma, gate, PIXEL, rectify, zero } from '../simd';
import { addTo, beside, put, STEP } from '../wide/pair';
import { add, column, factor, take, TILE } from './tile';

/* F(4, 5): see `winograd.ts`. */

/** B' d for every tile. */
export function enter(c: WinogradInput): void {
  const by5_25 = factor(5.25), byminus4_25 = factor(-4.25), by0_25 = factor(0.25), byminus1_25 = factor(-1.25), by0_5 = factor(0.5), byminus2_5 = factor(-2.5), by4 = factor(4), byminus5 = factor(-5);
  const columns = c.columns, none: usize = c.none, step: usize = c.outputPoint;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.input + channel * c.inputChannel + y * c.inputRow;
      let to: usize = c.output + channel * c.outputChannel + y * c.tiles * PIXEL;
      for (let tile = 0; tile < c.tiles; tile++) {
        const x = tile * TILE - c.padLeft;
        const p0 = column(row, x, columns, none), p1 = column(row, x + 1, columns, none), p2 = column(row, x + 2, columns, none);
        const p3 = column(row, x + 3, columns, none), p4 = column(row, x + 4, columns, none), p5 = column(row, x + 5, columns, none);
        const p6 = column(row, x + 6, columns, none), p7 = column(row, x + 7, columns, none);
        let j: usize = 0;
        do {
          const d1 = v128.load(p1 + j), D1 = beside(p1 + j, d1);
          const d2 = v128.load(p2 + j), D2 = beside(p2 + j, d2);
          const d3 = v128.load(p3 + j), D3 = beside(p3 + j, d3);
          const d4 = v128.load(p4 + j), D4 = beside(p4 + j, d4);
          const d5 = v128.load(p5 + j), D5 = beside(p5 + j, d5);
          const d6 = v128.load(p6 + j), D6 = beside(p6 + j, d6);
          let at = to + j;
          const first = v128.load(p0 + j), First = beside(p0 + j, first);
          put(at, fma(f32x4.sub(d4, d2), by5_25, f32x4.sub(first, d6)), fma(f32x4.sub(D4, D2), by5_25, f32x4.sub(First, D6)));
          at += step;
          let even = fma(d4, byminus4_25, f32x4.add(d2, d6)), odd = fma(d3, byminus4_25, f32x4.add(d1, d5));
          let Even = fma(D4, byminus4_25, f32x4.add(D2, D6)), Odd = fma(D3, byminus4_25, f32x4.add(D1, D5));
          put(at, f32x4.add(even, odd), f32x4.add(Even, Odd));
          at += step;
          put(at, f32x4.sub(even, odd), f32x4.sub(Even, Odd));
          at += step;
          even = fma(d2, by0_25, fma(d4, byminus1_25, d6));
          Even = fma(D2, by0_25, fma(D4, byminus1_25, D6));
          odd = fma(d1, by0_5, fma(d3, byminus2_5, f32x4.add(d5, d5)));
          Odd = fma(D1, by0_5, fma(D3, byminus2_5, f32x4.add(D5, D5)));
          put(at, f32x4.add(even, odd), f32x4.add(Even, Odd));
          at += step;
          put(at, f32x4.sub(even, odd), f32x4.sub(Even, Odd));
          at += step;
          even = fma(d2, by4, fma(d4, byminus5, d6));
          Even = fma(D2, by4, fma(D4, byminus5, D6));
          odd = fma(d5, by0_5, fma(d3, byminus2_5, f32x4.add(d1, d1)));
          Odd = fma(D5, by0_5, fma(D3, byminus2_5, f32x4.add(D1, D1)));
          put(at, f32x4.add(even, odd), f32x4.add(Even, Odd));
          at += step;
          put(at, f32x4.sub(even, odd), f32x4.sub(Even, Odd));
          at += step;
          const last = v128.load(p7 + j), Last = beside(p7 + j, last);
          put(at, fma(f32x4.sub(d3, d5), by5_25, f32x4.sub(last, d1)), fma(f32x4.sub(D3, D5), by5_25, f32x4.sub(Last, D1)));
          j += STEP;
        } while (j < <usize>PIXEL);
        to += PIXEL;
      }
    }
  }
}

/** A' of every tile's products, with bias and ReLU. */
export function leave(c: WinogradOutput): void {
  const by2 = factor(2), by0_5 = factor(0.5), by4 = factor(4), by0_25 = factor(0.25), by8 = factor(8), by0_125 = factor(0.125);
  const columns = c.columns, spill: usize = c.spill, step: usize = c.inputPoint, relu = c.relu;
  for (let channel = 0; channel < c.channels; channel++) {
    const bias = c.bias ? v128.load_splat<f32>(c.bias + (channel << 2)) : zero();
    let from: usize = c.input + channel * c.inputChannel;
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.output + channel * c.outputChannel + y * c.outputRow;
      for (let tile = 0; tile < c.tiles; tile++) {
        const x = tile * TILE;
        const p0 = row + x * PIXEL, p1 = column(row, x + 1, columns, spill);
        const p2 = column(row, x + 2, columns, spill), p3 = column(row, x + 3, columns, spill);
        let j: usize = 0;
        do {
          let at = from + j;
          const first = v128.load(at), First = beside(at, first);
          const m0 = f32x4.add(first, bias), M0 = f32x4.add(First, bias);
          at += step;
          const m1 = v128.load(at), M1 = beside(at, m1);
          at += step;
          const m2 = v128.load(at), M2 = beside(at, m2);
          at += step;
          const m3 = v128.load(at), M3 = beside(at, m3);
          at += step;
          const m4 = v128.load(at), M4 = beside(at, m4);
          at += step;
          const m5 = v128.load(at), M5 = beside(at, m5);
          at += step;
          const m6 = v128.load(at), M6 = beside(at, m6);
          const last = v128.load(at + step), Last = beside(at + step, last);
          const m7 = f32x4.add(last, bias), M7 = f32x4.add(Last, bias);
          const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
          const Sum = f32x4.add(M1, M2), Difference = f32x4.sub(M1, M2);
          const wideSum = f32x4.add(m3, m4), wide = f32x4.sub(m3, m4);
          const WideSum = f32x4.add(M3, M4), Wide = f32x4.sub(M3, M4);
          const nearSum = f32x4.add(m5, m6), near = f32x4.sub(m5, m6);
          const NearSum = f32x4.add(M5, M6), Near = f32x4.sub(M5, M6);
          let y0 = f32x4.add(m0, f32x4.add(sum, f32x4.add(wideSum, nearSum)));
          let Y0 = f32x4.add(M0, f32x4.add(Sum, f32x4.add(WideSum, NearSum)));
          let y1 = fma(wide, by2, fma(near, by0_5, f32x4.add(difference, bias)));
          let Y1 = fma(Wide, by2, fma(Near, by0_5, f32x4.add(Difference, bias)));
          let y2 = fma(wideSum, by4, fma(nearSum, by0_25, f32x4.add(sum, bias)));
          let Y2 = fma(WideSum, by4, fma(NearSum, by0_25, f32x4.add(Sum, bias)));
          let y3 = fma(wide, by8, fma(near, by0_125, f32x4.add(difference, m7)));
          let Y3 = fma(Wide, by8, fma(Near, by0_125, f32x4.add(Difference, M7)));
          if (relu) {
            y0 = rectify(y0);
            Y0 = rectify(Y0);
            y1 = rectify(y1);
            Y1 = rectify(Y1);
            y2 = rectify(y2);
            Y2 = rectify(Y2);
            y3 = rectify(y3);
            Y3 = rectify(Y3);
          }
          put(p0 + j, y0, Y0);
          put(p1 + j, y1, Y1);
          put(p2 + j, y2, Y2);
          put(p3 + j, y3, Y3);
          j += STEP;
        } while (j < <usize>PIXEL);
        from += PIXEL;
      }
    }
  }
}

/** A y for every tile of the output's gradient; adds that gradient up for the bias. */
export function enterGradient(c: WinogradGradient): void {
  const by4 = factor(4), by0_25 = factor(0.25), by2 = factor(2), by0_5 = factor(0.5);
  const columns = c.columns, none: usize = c.none, step: usize = c.outputPoint;
  for (let channel = 0; channel < c.channels; channel++) {
    let to: usize = c.output + channel * c.outputChannel;
    const biasSum: usize = c.biasSums + (channel << 4);
    let total = zero(), Total = zero();
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
      for (let tile = 0; tile < c.tiles; tile++) {
        const x = tile * TILE;
        const p0 = row + x * PIXEL, p1 = column(row, x + 1, columns, none);
        const p2 = column(row, x + 2, columns, none), p3 = column(row, x + 3, columns, none);
        let j: usize = 0;
        do {
          const g0 = v128.load(p0 + j), G0 = beside(p0 + j, g0);
          const g1 = v128.load(p1 + j), G1 = beside(p1 + j, g1);
          const g2 = v128.load(p2 + j), G2 = beside(p2 + j, g2);
          const g3 = v128.load(p3 + j), G3 = beside(p3 + j, g3);
          const even = f32x4.add(g0, g2), odd = f32x4.add(g1, g3), all = f32x4.add(even, odd);
          const Even = f32x4.add(G0, G2), Odd = f32x4.add(G1, G3), All = f32x4.add(Even, Odd);
          const wideEven = fma(g2, by4, g0), wideOdd = f32x4.mul(fma(g3, by4, g1), by2);
          const WideEven = fma(G2, by4, G0), WideOdd = f32x4.mul(fma(G3, by4, G1), by2);
          const nearEven = fma(g2, by0_25, g0), nearOdd = f32x4.mul(fma(g3, by0_25, g1), by0_5);
          const NearEven = fma(G2, by0_25, G0), NearOdd = f32x4.mul(fma(G3, by0_25, G1), by0_5);
          total = f32x4.add(total, all);
          Total = f32x4.add(Total, All);
          let at = to + j;
          put(at, g0, G0);
          at += step;
          put(at, all, All);
          at += step;
          put(at, f32x4.sub(even, odd), f32x4.sub(Even, Odd));
          at += step;
          put(at, f32x4.add(wideEven, wideOdd), f32x4.add(WideEven, WideOdd));
          at += step;
          put(at, f32x4.sub(wideEven, wideOdd), f32x4.sub(WideEven, WideOdd));
          at += step;
          put(at, f32x4.add(nearEven, nearOdd), f32x4.add(NearEven, NearOdd));
          at += step;
          put(at, f32x4.sub(nearEven, nearOdd), f32x4.sub(NearEven, NearOdd));
          at += step;
          put(at, g3, G3);
          j += STEP;
        } while (j < <usize>PIXEL);
        to += PIXEL;
      }
    }
    addTo(biasSum, total, Total);
  }
}

/** B of every tile's products: the input's gradient. Tiles overlap in four columns, which are carried along the row. */
export function leaveGradient(c: WinogradInputGradient): void {
  if (c.mask) leaveMasked(c);
  else leavePlain(c);
}
function leaveMasked(c: WinogradInputGradient): void {
  leaveRows(c, true);
}
function leavePlain(c: WinogradInputGradient): void {
  leaveRows(c, false);
}
@inline
function leaveRows(c: WinogradInputGradient, hasMask: bool): void {
  const by0_5 = factor(0.5), by2 = factor(2), byminus5_25 = factor(-5.25), by0_25 = factor(0.25), by4 = factor(4), byminus4_25 = factor(-4.25), by5_25 = factor(5.25), byminus1_25 = factor(-1.25), byminus2_5 = factor(-2.5), byminus5 = factor(-5);
  const step: usize = c.inputPoint;
  const reach = c.tiles * TILE - c.padLeft;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.output + channel * c.outputChannel + y * c.outputRow;
      const mask: usize = c.mask + channel * c.maskChannel + y * c.maskRow;
      const from: usize = c.input + channel * c.inputChannel + y * c.tiles * PIXEL;
      for (let j: usize = 0; j < <usize>PIXEL; j += STEP) {
        let carry0 = zero(), carry1 = zero(), carry2 = zero(), carry3 = zero();
        let Carry0 = zero(), Carry1 = zero(), Carry2 = zero(), Carry3 = zero();
        let at = from + j, x = -c.padLeft;
        do {
          let point = at;
          const m0 = v128.load(point), M0 = beside(point, m0);
          point += step;
          const m1 = v128.load(point), M1 = beside(point, m1);
          point += step;
          const m2 = v128.load(point), M2 = beside(point, m2);
          point += step;
          const m3 = v128.load(point), M3 = beside(point, m3);
          point += step;
          const m4 = v128.load(point), M4 = beside(point, m4);
          point += step;
          const m5 = v128.load(point), M5 = beside(point, m5);
          point += step;
          const m6 = v128.load(point), M6 = beside(point, m6);
          const m7 = v128.load(point + step), M7 = beside(point + step, m7);
          const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
          const Sum = f32x4.add(M1, M2), Difference = f32x4.sub(M1, M2);
          const wideSum = f32x4.add(m3, m4), wide = f32x4.sub(m3, m4);
          const WideSum = f32x4.add(M3, M4), Wide = f32x4.sub(M3, M4);
          const nearSum = f32x4.add(m5, m6), near = f32x4.sub(m5, m6);
          const NearSum = f32x4.add(M5, M6), Near = f32x4.sub(M5, M6);
          release(c, row, mask, hasMask, j, x, f32x4.add(carry0, m0), f32x4.add(Carry0, M0));
          release(c, row, mask, hasMask, j, x + 1, f32x4.add(carry1, fma(wide, by0_5, fma(near, by2, f32x4.sub(difference, m7)))), f32x4.add(Carry1, fma(Wide, by0_5, fma(Near, by2, f32x4.sub(Difference, M7)))));
          release(c, row, mask, hasMask, j, x + 2, f32x4.add(carry2, fma(m0, byminus5_25, fma(wideSum, by0_25, fma(nearSum, by4, sum)))), f32x4.add(Carry2, fma(M0, byminus5_25, fma(WideSum, by0_25, fma(NearSum, by4, Sum)))));
          const both = f32x4.mul(f32x4.add(wide, near), byminus2_5);
          const Both = f32x4.mul(f32x4.add(Wide, Near), byminus2_5);
          release(c, row, mask, hasMask, j, x + 3, f32x4.add(carry3, fma(difference, byminus4_25, fma(m7, by5_25, both))), f32x4.add(Carry3, fma(Difference, byminus4_25, fma(M7, by5_25, Both))));
          carry0 = fma(m0, by5_25, fma(sum, byminus4_25, fma(wideSum, byminus1_25, f32x4.mul(nearSum, byminus5))));
          Carry0 = fma(M0, by5_25, fma(Sum, byminus4_25, fma(WideSum, byminus1_25, f32x4.mul(NearSum, byminus5))));
          carry1 = fma(wide, by2, fma(near, by0_5, fma(m7, byminus5_25, difference)));
          Carry1 = fma(Wide, by2, fma(Near, by0_5, fma(M7, byminus5_25, Difference)));
          carry2 = f32x4.sub(f32x4.add(sum, f32x4.add(wideSum, nearSum)), m0);
          Carry2 = f32x4.sub(f32x4.add(Sum, f32x4.add(WideSum, NearSum)), M0);
          carry3 = m7;
          Carry3 = M7;
          x += TILE;
          at += PIXEL;
        } while (x < reach);
        release(c, row, mask, hasMask, j, reach, carry0, Carry0);
        release(c, row, mask, hasMask, j, reach + 1, carry1, Carry1);
        release(c, row, mask, hasMask, j, reach + 2, carry2, Carry2);
        release(c, row, mask, hasMask, j, reach + 3, carry3, Carry3);
      }
    }
  }
}

@inline
function release(c: WinogradInputGradient, row: usize, mask: usize, hasMask: bool, j: usize, x: i32, value: v128, Value: v128): void {
  if (<u32>x >= <u32>c.columns) return;
  const at = x * PIXEL + j;
  if (hasMask) {
    const m = v128.load(mask + at), M = beside(mask + at, m);
    value = gate(m, value);
    Value = gate(M, Value);
  }
  put(row + at, value, Value);
}

/** G w of every weight: `index` names the first of each filter row's three taps, `tap` bytes apart; nothing where it is negative. */
export function weights(c: WinogradWeights): void {
  for (let i = 0; i < c.count; i++) {
    const index = load<i32>(c.index + (i << 2));
    let to: usize = c.output + (i << 2);
    const from: usize = c.weights + (index << 2);
    const some = index >= 0;
    const w0 = some ? load<f32>(from) : 0, w1 = some ? load<f32>(from + c.tap) : 0, w2 = some ? load<f32>(from + 2 * c.tap) : 0;
    const w3 = some ? load<f32>(from + 3 * c.tap) : 0, w4 = some ? load<f32>(from + 4 * c.tap) : 0;
    store<f32>(to, w0);
    to += c.outputPoint;
    const even = <f32>(-2 / 9.0) * (w0 + w2 + w4), odd = <f32>(-2 / 9.0) * (w1 + w3);
    store<f32>(to, even + odd);
    to += c.outputPoint;
    store<f32>(to, even - odd);
    to += c.outputPoint;
    const wideEven = <f32>(1 / 90.0) * w0 + <f32>(2 / 45.0) * w2 + <f32>(8 / 45.0) * w4;
    const wideOdd = <f32>(1 / 45.0) * w1 + <f32>(4 / 45.0) * w3;
    store<f32>(to, wideEven + wideOdd);
    to += c.outputPoint;
    store<f32>(to, wideEven - wideOdd);
    to += c.outputPoint;
    const nearEven = <f32>(32 / 45.0) * w0 + <f32>(8 / 45.0) * w2 + <f32>(2 / 45.0) * w4;
    const nearOdd = <f32>(16 / 45.0) * w1 + <f32>(4 / 45.0) * w3;
    store<f32>(to, nearEven + nearOdd);
    to += c.outputPoint;
    store<f32>(to, nearEven - nearOdd);
    to += c.outputPoint;
    store<f32>(to, w4);
  }
}

/** Adds G' of the sums, of four lanes each, to the sums of the weights' gradient, and clears them. */
export function weightsGradient(c: WinogradWeightsGradient): void {
  for (let i = 0; i < c.count; i++) {
    const index = load<i32>(c.index + (i << 2));
    if (index < 0) continue;
    const to: usize = c.sums + (index << 4), tap: usize = c.tap << 2;
    let at: usize = c.input + (i << 4);
    const s0 = take(at), s1 = take(at + c.inputPoint), s2 = take(at + 2 * c.inputPoint), s3 = take(at + 3 * c.inputPoint);
    at += 4 * c.inputPoint;
    const s4 = take(at), s5 = take(at + c.inputPoint), s6 = take(at + 2 * c.inputPoint), s7 = take(at + 3 * c.inputPoint);
    const sum = f32x4.mul(f32x4.add(s1, s2), f32x4.splat(<f32>(-2 / 9.0))), difference = f32x4.mul(f32x4.sub(s1, s2), f32x4.splat(<f32>(-2 / 9.0)));
    const wideSum = f32x4.mul(f32x4.add(s3, s4), f32x4.splat(<f32>(1 / 90.0))), wide = f32x4.mul(f32x4.sub(s3, s4), f32x4.splat(<f32>(1 / 90.0)));
    const nearSum = f32x4.mul(f32x4.add(s5, s6), f32x4.splat(<f32>(2 / 45.0))), near = f32x4.mul(f32x4.sub(s5, s6), f32x4.splat(<f32>(2 / 45.0)));
    add(to, f32x4.add(s0, f32x4.add(sum, fma(nearSum, f32x4.splat(16), wideSum))));
    add(to + tap, f32x4.add(difference, fma(wide, f32x4.splat(2), f32x4.mul(near, f32x4.splat(8)))));
    add(to + 2 * tap, f32x4.add(sum, fma(wideSum, f32x4.splat(4), f32x4.mul(nearSum, f32x4.splat(4)))));
    add(to + 3 * tap, f32x4.add(difference, fma(wide, f32x4.splat(8), f32x4.mul(near, f32x4.splat(2)))));
    add(to + 4 * tap, f32x4.add(s7, f32x4.add(sum, fma(wideSum, f32x4.splat(16), nearSum))));
  }
}
