import { Permute, Range, Transfer } from '../commands/transfer';
import { gate, PIXEL, rectify } from './simd';

export function transfer(c: Transfer): void {
  const bytes: usize = c.columns * PIXEL;
  const relu = c.relu, accumulate = c.accumulate, hasMask = c.mask != 0, hasFactor = c.factor != 0;
  const hasCeiling = c.ceiling != 0, ceiling = hasCeiling ? v128.load_splat<f32>(c.ceiling) : f32x4.splat(0);
  const factor = hasFactor ? v128.load_splat<f32>(c.factor) : f32x4.splat(1);
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const output: usize = c.output + channel * c.outputChannel + y * c.outputRow;
      const input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
      const mask: usize = c.mask + channel * c.maskChannel + y * c.maskRow;
      let j: usize = 0;
      do {
        let x = v128.load(input + j);
        if (hasMask) x = gate(v128.load(mask + j), x);
        if (hasFactor) x = f32x4.mul(x, factor);
        if (accumulate) x = f32x4.add(x, v128.load(output + j));
        if (relu) x = rectify(x);
        if (hasCeiling) x = f32x4.pmin(x, ceiling);
        v128.store(output + j, x);
        j += 16;
      } while (j < bytes);
    }
  }
}

export function permute(c: Permute): void {
  for (let i = 0; i < c.count; i++) {
    const from = load<i32>(c.index + (i << 2));
    store<f32>(c.output + (i << 2), from < 0 ? <f32>0 : load<f32>(c.input + (from << 2)));
  }
}

export function range(c: Range): void {
  const bytes: usize = c.columns * PIXEL;
  let least = v128.load(c.range), most = v128.load(c.range, 16);
  for (let channel = 0; channel < c.channels; channel++) {
    for (let y = 0; y < c.rows; y++) {
      const input: usize = c.input + channel * c.inputChannel + y * c.inputRow;
      for (let j: usize = 0; j < bytes; j += 16) {
        const x = v128.load(input + j);
        least = f32x4.pmin(least, x);
        most = f32x4.pmax(most, x);
      }
    }
  }
  v128.store(c.range, least);
  v128.store(c.range, most, 16);
}
