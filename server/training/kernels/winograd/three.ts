import { WinogradGradient, WinogradInput, WinogradInputGradient, WinogradOutput, WinogradWeights, WinogradWeightsGradient } from '../../commands/winograd';
import { fma, gate, PIXEL, rectify, zero } from '../simd';
import { add, column, factor, take, TILE } from './tile';

/* F(4, 3): see `winograd.ts`. */

/** B' d for every tile. */
export function enter(c: WinogradInput): void {
  const byminus4 = factor(-4), by4 = factor(4), byminus5 = factor(-5), by2 = factor(2);
  const columns = c.columns, none: usize = c.none, step: usize = c.outputPoint;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.input + channel * c.inputChannel + y * c.inputRow;
      let to: usize = c.output + channel * c.outputChannel + y * c.tiles * PIXEL;
      for (let tile = 0; tile < c.tiles; tile++) {
        const x = tile * TILE - c.padLeft;
        const p0 = column(row, x, columns, none), p1 = column(row, x + 1, columns, none), p2 = column(row, x + 2, columns, none);
        const p3 = column(row, x + 3, columns, none), p4 = column(row, x + 4, columns, none), p5 = column(row, x + 5, columns, none);
        let j: usize = 0;
        do {
          const d1 = v128.load(p1 + j), d2 = v128.load(p2 + j), d3 = v128.load(p3 + j), d4 = v128.load(p4 + j);
          const even = fma(d2, byminus4, d4), odd = fma(d1, byminus4, d3);
          const wide = f32x4.sub(d4, d2), twice = f32x4.mul(f32x4.sub(d3, d1), by2);
          let at = to + j;
          v128.store(at, fma(v128.load(p0 + j), by4, fma(d2, byminus5, d4)));
          at += step;
          v128.store(at, f32x4.add(even, odd));
          at += step;
          v128.store(at, f32x4.sub(even, odd));
          at += step;
          v128.store(at, f32x4.add(wide, twice));
          at += step;
          v128.store(at, f32x4.sub(wide, twice));
          at += step;
          v128.store(at, fma(d1, by4, fma(d3, byminus5, v128.load(p5 + j))));
          j += 16;
        } while (j < <usize>PIXEL);
        to += PIXEL;
      }
    }
  }
}

/** A' of every tile's products, with bias and ReLU. */
export function leave(c: WinogradOutput): void {
  const by2 = factor(2), by4 = factor(4), by8 = factor(8);
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
          const m0 = f32x4.add(v128.load(at), bias);
          at += step;
          const m1 = v128.load(at);
          at += step;
          const m2 = v128.load(at);
          at += step;
          const m3 = v128.load(at);
          at += step;
          const m4 = v128.load(at);
          at += step;
          const m5 = f32x4.add(v128.load(at), bias);
          const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
          const wideSum = f32x4.add(m3, m4), wide = f32x4.sub(m3, m4);
          let y0 = f32x4.add(m0, f32x4.add(sum, wideSum));
          let y1 = fma(wide, by2, f32x4.add(difference, bias));
          let y2 = fma(wideSum, by4, f32x4.add(sum, bias));
          let y3 = fma(wide, by8, f32x4.add(difference, m5));
          if (relu) {
            y0 = rectify(y0);
            y1 = rectify(y1);
            y2 = rectify(y2);
            y3 = rectify(y3);
          }
          v128.store(p0 + j, y0);
          v128.store(p1 + j, y1);
          v128.store(p2 + j, y2);
          v128.store(p3 + j, y3);
          j += 16;
        } while (j < <usize>PIXEL);
        from += PIXEL;
      }
    }
  }
}

/** A y for every tile of the output's gradient; adds that gradient up for the bias. */
export function enterGradient(c: WinogradGradient): void {
  const by4 = factor(4), by2 = factor(2);
  const columns = c.columns, none: usize = c.none, step: usize = c.outputPoint;
  for (let channel = 0; channel < c.channels; channel++) {
    let to: usize = c.output + channel * c.outputChannel;
    const biasSum: usize = c.biasSums + (channel << 4);
    let total = v128.load(biasSum);
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
      for (let tile = 0; tile < c.tiles; tile++) {
        const x = tile * TILE;
        const p0 = row + x * PIXEL, p1 = column(row, x + 1, columns, none);
        const p2 = column(row, x + 2, columns, none), p3 = column(row, x + 3, columns, none);
        let j: usize = 0;
        do {
          const g0 = v128.load(p0 + j), g1 = v128.load(p1 + j), g2 = v128.load(p2 + j), g3 = v128.load(p3 + j);
          const even = f32x4.add(g0, g2), odd = f32x4.add(g1, g3), all = f32x4.add(even, odd);
          const wideEven = fma(g2, by4, g0), wideOdd = f32x4.mul(fma(g3, by4, g1), by2);
          total = f32x4.add(total, all);
          let at = to + j;
          v128.store(at, g0);
          at += step;
          v128.store(at, all);
          at += step;
          v128.store(at, f32x4.sub(even, odd));
          at += step;
          v128.store(at, f32x4.add(wideEven, wideOdd));
          at += step;
          v128.store(at, f32x4.sub(wideEven, wideOdd));
          at += step;
          v128.store(at, g3);
          j += 16;
        } while (j < <usize>PIXEL);
        to += PIXEL;
      }
    }
    v128.store(biasSum, total);
  }
}

/** B of every tile's products: the input's gradient. Tiles overlap in two columns, which are carried along the row. */
export function leaveGradient(c: WinogradInputGradient): void {
  const by4 = factor(4), byminus2 = factor(-2), byminus5 = factor(-5), byminus4 = factor(-4), by2 = factor(2);
  const step: usize = c.inputPoint;
  const reach = c.tiles * TILE - c.padLeft;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const row: usize = c.output + channel * c.outputChannel + y * c.outputRow;
      const mask: usize = c.mask + channel * c.maskChannel + y * c.maskRow;
      const from: usize = c.input + channel * c.inputChannel + y * c.tiles * PIXEL;
      for (let j: usize = 0; j < <usize>PIXEL; j += 16) {
        let carry0 = zero(), carry1 = zero();
        let at = from + j, x = -c.padLeft;
        do {
          let point = at;
          const m0 = v128.load(point);
          point += step;
          const m1 = v128.load(point);
          point += step;
          const m2 = v128.load(point);
          point += step;
          const m3 = v128.load(point);
          point += step;
          const m4 = v128.load(point);
          const m5 = v128.load(point + step);
          const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
          const wideSum = f32x4.add(m3, m4), wide = f32x4.sub(m3, m4);
          put(c, row, mask, j, x, fma(m0, by4, carry0));
          put(c, row, mask, j, x + 1, fma(f32x4.sub(m5, difference), by4, fma(wide, byminus2, carry1)));
          put(c, row, mask, j, x + 2, fma(m0, byminus5, fma(sum, byminus4, f32x4.neg(wideSum))));
          put(c, row, mask, j, x + 3, fma(m5, byminus5, fma(wide, by2, difference)));
          carry0 = f32x4.add(m0, f32x4.add(sum, wideSum));
          carry1 = m5;
          x += TILE;
          at += PIXEL;
        } while (x < reach);
        put(c, row, mask, j, reach, carry0);
        put(c, row, mask, j, reach + 1, carry1);
      }
    }
  }
}

@inline
function put(c: WinogradInputGradient, row: usize, mask: usize, j: usize, x: i32, value: v128): void {
  if (<u32>x >= <u32>c.columns) return;
  const at = x * PIXEL + j;
  v128.store(row + at, c.mask ? gate(v128.load(mask + at), value) : value);
}

/** G w of every weight: `index` names the first of each filter row's three taps, `tap` bytes apart; nothing where it is negative. */
export function weights(c: WinogradWeights): void {
  for (let i = 0; i < c.count; i++) {
    const index = load<i32>(c.index + (i << 2));
    let to: usize = c.output + (i << 2);
    const from: usize = c.weights + (index << 2);
    const some = index >= 0;
    const w0 = some ? load<f32>(from) : 0, w1 = some ? load<f32>(from + c.tap) : 0, w2 = some ? load<f32>(from + 2 * c.tap) : 0;
    const ends: f32 = (w0 + w2) * <f32>(-1 / 6.0), middle: f32 = w1 * <f32>(1 / 6.0);
    const wideEnds: f32 = w0 * <f32>(1 / 24.0) + w2 * <f32>(1 / 6.0), wideMiddle: f32 = w1 * <f32>(1 / 12.0);
    store<f32>(to, w0 * <f32>0.25);
    to += c.outputPoint;
    store<f32>(to, ends - middle);
    to += c.outputPoint;
    store<f32>(to, ends + middle);
    to += c.outputPoint;
    store<f32>(to, wideEnds + wideMiddle);
    to += c.outputPoint;
    store<f32>(to, wideEnds - wideMiddle);
    to += c.outputPoint;
    store<f32>(to, w2);
  }
}

/** Adds G' of the sums, of four lanes each, to the sums of the weights' gradient, and clears them. */
export function weightsGradient(c: WinogradWeightsGradient): void {
  for (let i = 0; i < c.count; i++) {
    const index = load<i32>(c.index + (i << 2));
    if (index < 0) continue;
    const to: usize = c.sums + (index << 4), tap: usize = c.tap << 2;
    let at: usize = c.input + (i << 4);
    const s0 = take(at), s1 = take(at + c.inputPoint), s2 = take(at + 2 * c.inputPoint);
    at += 3 * c.inputPoint;
    const s3 = take(at), s4 = take(at + c.inputPoint), s5 = take(at + 2 * c.inputPoint);
    const sum = f32x4.add(s1, s2), difference = f32x4.sub(s2, s1), wideSum = f32x4.add(s3, s4), wide = f32x4.sub(s3, s4);
    const share = f32x4.mul(sum, f32x4.splat(<f32>(-1 / 6.0)));
    add(to, f32x4.add(f32x4.mul(s0, f32x4.splat(0.25)), f32x4.add(share, f32x4.mul(wideSum, f32x4.splat(<f32>(1 / 24.0))))));
    add(to + tap, f32x4.add(f32x4.mul(difference, f32x4.splat(<f32>(1 / 6.0))), f32x4.mul(wide, f32x4.splat(<f32>(1 / 12.0)))));
    add(to + 2 * tap, f32x4.add(s5, f32x4.add(share, f32x4.mul(wideSum, f32x4.splat(<f32>(1 / 6.0))))));
  }
}
