import { Pool, PoolGradient } from '../commands/pool';
import { fma, gate, PIXEL, rectify, zero } from './simd';
import { beside, put, STEP } from './wide/pair';
import { WIDE } from './wide/width';

export function maxPool(c: Pool): void {
  const halving = c.kernelY == 2 && c.kernelX == 2 && c.strideY == 2 && c.strideX == 2 && c.rows * 2 <= c.inputRows && c.columns * 2 <= c.inputColumns;
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      if (halving) halveRow(c, channel, y);
      else maxRow(c, channel, y);
    }
  }
}

/** 2x2 windows side by side, the common case. */
function halveRow(c: Pool, channel: i32, y: i32): void {
  let above: usize = c.input + channel * c.inputChannel + 2 * y * c.inputRow;
  let below: usize = above + c.inputRow;
  let output: usize = c.output + channel * c.outputChannel + y * c.outputRow;
  for (let x = 0; x < c.columns; x++) {
    for (let j: usize = 0; j < <usize>PIXEL; j += STEP) {
      const a = v128.load(above + j), A = beside(above + j, a);
      const b = v128.load(above + j, 64), B = WIDE ? v128.load(above + j, 80) : b;
      const d = v128.load(below + j), D = beside(below + j, d);
      const e = v128.load(below + j, 64), E = WIDE ? v128.load(below + j, 80) : e;
      let most = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(d, e)), Most = f32x4.pmax(f32x4.pmax(A, B), f32x4.pmax(D, E));
      if (c.relu) {
        most = rectify(most);
        Most = rectify(Most);
      }
      put(output + j, most, Most);
    }
    above += 2 * PIXEL;
    below += 2 * PIXEL;
    output += PIXEL;
  }
}

function maxRow(c: Pool, channel: i32, y: i32): void {
  const top = y * c.strideY - c.padTop;
  const from = max(0, top), to = min(c.inputRows, top + c.kernelY);
  for (let x = 0; x < c.columns; x++) {
    const left = x * c.strideX - c.padLeft;
    const begin = max(0, left), end = min(c.inputColumns, left + c.kernelX);
    const output: usize = c.output + channel * c.outputChannel + y * c.outputRow + x * PIXEL;
    for (let j: usize = 0; j < <usize>PIXEL; j += 16) {
      let most = f32x4.splat(-Infinity);
      for (let row = from; row < to; row++) {
        const input: usize = c.input + channel * c.inputChannel + row * c.inputRow + j;
        for (let column = begin; column < end; column++) most = f32x4.pmax(most, v128.load(input + column * PIXEL));
      }
      if (c.relu) most = rectify(most);
      v128.store(output + j, most);
    }
  }
}

/** Each gradient goes to the first of its window's values that equals the maximum. */
export function maxPoolGradient(c: PoolGradient): void {
  const halving = c.kernelY == 2 && c.kernelX == 2 && c.strideY == 2 && c.strideX == 2 && c.rows * 2 <= c.inputRows && c.columns * 2 <= c.inputColumns;
  for (let channel = 0; channel < c.channels; channel++) {
    if (!halving) clear(c, channel);
    for (let y = 0; y < c.rows; y++) {
      if (halving) halveRowGradient(c, channel, y);
      else maxRowGradient(c, channel, y);
    }
  }
}

function halveRowGradient(c: PoolGradient, channel: i32, y: i32): void {
  let above: usize = c.input + channel * c.inputChannel + 2 * y * c.inputRow;
  let below: usize = above + c.inputRow;
  let output: usize = c.output + channel * c.outputChannel + y * c.outputRow;
  let gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow;
  let aboveGradient: usize = c.inputGradient + channel * c.inputGradientChannel + 2 * y * c.inputGradientRow;
  let belowGradient: usize = aboveGradient + c.inputGradientRow;
  for (let x = 0; x < c.columns; x++) {
    for (let j: usize = 0; j < <usize>PIXEL; j += STEP) {
      const most = v128.load(output + j), Most = beside(output + j, most);
      let g = v128.load(gradient + j), G = beside(gradient + j, g);
      if (c.gate) {
        g = gate(most, g);
        G = gate(Most, G);
      }
      const a = v128.load(above + j), A = beside(above + j, a);
      const b = v128.load(above + j, 64), B = WIDE ? v128.load(above + j, 80) : b;
      const d = v128.load(below + j), D = beside(below + j, d);
      const e = v128.load(below + j, 64), E = WIDE ? v128.load(below + j, 80) : e;
      const is0 = f32x4.eq(a, most), is1 = f32x4.eq(b, most), is2 = f32x4.eq(d, most), is3 = f32x4.eq(e, most);
      const Is0 = f32x4.eq(A, Most), Is1 = f32x4.eq(B, Most), Is2 = f32x4.eq(D, Most), Is3 = f32x4.eq(E, Most);
      put(aboveGradient + j, v128.and(g, is0), v128.and(G, Is0));
      put(aboveGradient + j + PIXEL, v128.and(g, v128.andnot(is1, is0)), v128.and(G, v128.andnot(Is1, Is0)));
      let taken = v128.or(is0, is1), Taken = v128.or(Is0, Is1);
      put(belowGradient + j, v128.and(g, v128.andnot(is2, taken)), v128.and(G, v128.andnot(Is2, Taken)));
      taken = v128.or(taken, is2);
      Taken = v128.or(Taken, Is2);
      put(belowGradient + j + PIXEL, v128.and(g, v128.andnot(is3, taken)), v128.and(G, v128.andnot(Is3, Taken)));
    }
    above += 2 * PIXEL;
    below += 2 * PIXEL;
    aboveGradient += 2 * PIXEL;
    belowGradient += 2 * PIXEL;
    output += PIXEL;
    gradient += PIXEL;
  }
}

function maxRowGradient(c: PoolGradient, channel: i32, y: i32): void {
  const top = y * c.strideY - c.padTop;
  const from = max(0, top), to = min(c.inputRows, top + c.kernelY);
  for (let x = 0; x < c.columns; x++) {
    const left = x * c.strideX - c.padLeft;
    const begin = max(0, left), end = min(c.inputColumns, left + c.kernelX);
    const output: usize = c.output + channel * c.outputChannel + y * c.outputRow + x * PIXEL;
    const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + x * PIXEL;
    for (let j: usize = 0; j < <usize>PIXEL; j += 16) {
      const most = v128.load(output + j);
      let g = v128.load(gradient + j);
      if (c.gate) g = gate(v128.load(output + j), g);
      for (let row = from; row < to; row++) {
        for (let column = begin; column < end; column++) {
          const input: usize = c.input + channel * c.inputChannel + row * c.inputRow + column * PIXEL + j;
          const at: usize = c.inputGradient + channel * c.inputGradientChannel + row * c.inputGradientRow + column * PIXEL + j;
          const here = f32x4.eq(v128.load(input), most);
          v128.store(at, f32x4.add(v128.load(at), v128.and(g, here)));
          g = v128.andnot(g, here);
        }
      }
    }
  }
}

/** Divides by the whole kernel's area: padding counts as zeros. */
export function averagePool(c: Pool): void {
  const share = f32x4.splat(<f32>1 / <f32>(c.kernelY * c.kernelX));
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const top = y * c.strideY - c.padTop;
      const from = max(0, top), to = min(c.inputRows, top + c.kernelY);
      for (let x = 0; x < c.columns; x++) {
        const left = x * c.strideX - c.padLeft;
        const begin = max(0, left), end = min(c.inputColumns, left + c.kernelX);
        const output: usize = c.output + channel * c.outputChannel + y * c.outputRow + x * PIXEL;
        let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
        for (let row = from; row < to; row++) {
          let input: usize = c.input + channel * c.inputChannel + row * c.inputRow + begin * PIXEL;
          for (let column = begin; column < end; column++) {
            s0 = f32x4.add(s0, v128.load(input));
            s1 = f32x4.add(s1, v128.load(input, 16));
            s2 = f32x4.add(s2, v128.load(input, 32));
            s3 = f32x4.add(s3, v128.load(input, 48));
            input += PIXEL;
          }
        }
        store(output, s0, share, c.relu);
        store(output + 16, s1, share, c.relu);
        store(output + 32, s2, share, c.relu);
        store(output + 48, s3, share, c.relu);
      }
    }
  }
}

@inline
function store(output: usize, total: v128, share: v128, relu: i32): void {
  const average = f32x4.mul(total, share);
  v128.store(output, relu ? rectify(average) : average);
}

export function averagePoolGradient(c: PoolGradient): void {
  const global = c.rows * c.columns == 1 && c.padTop + c.padLeft == 0 && c.kernelY == c.inputRows && c.kernelX == c.inputColumns;
  for (let channel = 0; channel < c.channels; channel++) {
    if (global) spread(c, channel);
    else scatter(c, channel);
  }
}

/** One window that covers the input. */
function spread(c: PoolGradient, channel: i32): void {
  const share = f32x4.splat(<f32>1 / <f32>(c.kernelY * c.kernelX));
  const gradient: usize = c.gradient + channel * c.gradientChannel;
  const g0 = f32x4.mul(v128.load(gradient), share), g1 = f32x4.mul(v128.load(gradient, 16), share);
  const g2 = f32x4.mul(v128.load(gradient, 32), share), g3 = f32x4.mul(v128.load(gradient, 48), share);
  const gated = c.gate;
  for (let row = 0; row < c.inputRows; row++) {
    let at: usize = c.inputGradient + channel * c.inputGradientChannel + row * c.inputGradientRow;
    let input: usize = c.input + channel * c.inputChannel + row * c.inputRow;
    const end: usize = at + c.inputColumns * PIXEL;
    do {
      v128.store(at, gated ? gate(v128.load(input), g0) : g0);
      v128.store(at, gated ? gate(v128.load(input, 16), g1) : g1, 16);
      v128.store(at, gated ? gate(v128.load(input, 32), g2) : g2, 32);
      v128.store(at, gated ? gate(v128.load(input, 48), g3) : g3, 48);
      at += PIXEL;
      input += PIXEL;
    } while (at < end);
  }
}

function scatter(c: PoolGradient, channel: i32): void {
  const share = f32x4.splat(<f32>1 / <f32>(c.kernelY * c.kernelX));
  clear(c, channel);
  for (let y = 0; y < c.rows; y++) {
    const top = y * c.strideY - c.padTop;
    const from = max(0, top), to = min(c.inputRows, top + c.kernelY);
    for (let x = 0; x < c.columns; x++) {
      const left = x * c.strideX - c.padLeft;
      const begin = max(0, left), end = min(c.inputColumns, left + c.kernelX);
      const gradient: usize = c.gradient + channel * c.gradientChannel + y * c.gradientRow + x * PIXEL;
      for (let j: usize = 0; j < <usize>PIXEL; j += 16) {
        const g = v128.load(gradient + j);
        for (let row = from; row < to; row++) {
          let at: usize = c.inputGradient + channel * c.inputGradientChannel + row * c.inputGradientRow + begin * PIXEL + j;
          for (let column = begin; column < end; column++) {
            v128.store(at, fma(g, share, v128.load(at)));
            at += PIXEL;
          }
        }
      }
    }
  }
  if (c.gate) gateInput(c, channel);
}

function gateInput(c: PoolGradient, channel: i32): void {
  const bytes: usize = c.inputColumns * PIXEL;
  for (let row = 0; row < c.inputRows; row++) {
    const at: usize = c.inputGradient + channel * c.inputGradientChannel + row * c.inputGradientRow;
    const input: usize = c.input + channel * c.inputChannel + row * c.inputRow;
    for (let j: usize = 0; j < bytes; j += 16) v128.store(at + j, gate(v128.load(input + j), v128.load(at + j)));
  }
}

function clear(c: PoolGradient, channel: i32): void {
  for (let row = 0; row < c.inputRows; row++) {
    memory.fill(c.inputGradient + channel * c.inputGradientChannel + row * c.inputGradientRow, 0, c.inputColumns * PIXEL);
  }
}
