import type { Samples } from '../../dataset/dataset.ts';
import { elements, type Shape } from '../../network/shape.ts';
import type { Random } from '../../random.ts';
import { LANES } from '../arena.ts';
import { createDistortion, drawTransform } from '../augment.ts';
import type { Augmentation } from '../engine.ts';

/** Samples as they are trained with: their bytes, and how much of each is each class, [class][sample]. */
export type Varied = { readonly bytes: Uint8Array; readonly shares: readonly Float32Array[] };

/** Draws and varies whole blocks of 16, as the first engine does, so that both see the same samples, byte for byte. */
export function createVariation(shape: Shape, classes: number, zeroPoint: number, augmentation?: Augmentation) {
  const size = elements(shape);
  const distort = augmentation && createDistortion(augmentation, shape, zeroPoint);
  const warps = Boolean(augmentation?.rotate || augmentation?.scale);
  const shift = augmentation?.shift ?? 0;
  const reach = [Math.min(shift, shape.height - 1), Math.min(shift, shape.width - 1)];

  function block(bytes: Uint8Array, shares: readonly Float32Array[], valid: number, random: Random): Uint8Array {
    distort?.(bytes, shares, valid, random);
    if (reach[0] + reach[1] === 0 && !warps) return bytes;
    const moved = new Uint8Array(bytes.length);
    for (let lane = 0; lane < LANES; lane++) {
      const [down, right] = reach.map((most) => random.integer(2 * most + 1) - most);
      const [from, to] = [bytes, moved].map((each) => each.subarray(lane * size, (lane + 1) * size));
      if (warps) warp(from, to, shape, Float32Array.from(drawTransform(augmentation!, shape, down, right, random)));
      else move(from, to, shape, down, right);
    }
    return moved;
  }

  return ({ x, labels }: Samples, indices: Uint32Array, random: Random): Varied => {
    const all = new Uint8Array(indices.length * size);
    const shares = Array.from({ length: classes }, (_, k) => Float32Array.from(indices, (index) => Number(labels[index] === k)));
    for (let first = 0; first < indices.length; first += LANES) {
      const valid = Math.min(LANES, indices.length - first);
      // The last sample fills the lanes that are left.
      const at = (lane: number) => first + Math.min(lane, valid - 1);
      const bytes = new Uint8Array(LANES * size);
      for (let lane = 0; lane < LANES; lane++) bytes.set(x.subarray(indices[at(lane)] * size, (indices[at(lane)] + 1) * size), lane * size);
      const ofBlock = shares.map((row) => Float32Array.from({ length: LANES }, (_, lane) => row[at(lane)]));
      all.set(block(bytes, ofBlock, valid, random).subarray(0, valid * size), first * size);
      shares.forEach((row, k) => {
        row.set(ofBlock[k].subarray(0, valid), first);
      });
    }
    return { bytes: all, shares };
  };
}

/** The edge is repeated. */
function move(from: Uint8Array, to: Uint8Array, { height, width, channels }: Shape, down: number, right: number): void {
  for (let y = 0, target = 0; y < height; y++) {
    const row = clamp(y - down, height) * width;
    for (let x = 0; x < width; x++) {
      const source = (row + clamp(x - right, width)) * channels;
      for (let c = 0; c < channels; c++) to[target++] = from[source + c];
    }
  }
}

/** The kernel `warp`, in f32 like it. */
function warp(from: Uint8Array, to: Uint8Array, { height, width, channels }: Shape, t: Float32Array): void {
  const f = Math.fround;
  for (let y = 0, target = 0; y < height; y++) {
    let [row, column] = [f(f(t[0] * y) + t[2]), f(f(t[3] * y) + t[5])];
    for (let x = 0; x < width; x++, target += channels) {
      const [r, c] = [Math.min(Math.max(row, 0), height - 1), Math.min(Math.max(column, 0), width - 1)];
      const [top, left] = [Math.trunc(r), Math.trunc(c)];
      const [down, right] = [f(r - top), f(c - left)];
      const above = (top * width + left) * channels;
      const [beside, below] = [left + 1 < width ? channels : 0, top + 1 < height ? width * channels : 0];
      for (let channel = 0; channel < channels; channel++) {
        const at = above + channel;
        const between = (a: number, b: number, share: number) => f(f(a * f(1 - share)) + f(b * share));
        const first = between(from[at], from[at + beside], right);
        const second = between(from[at + below], from[at + below + beside], right);
        to[target + channel] = Math.trunc(f(between(first, second, down) + 0.5));
      }
      row = f(row + t[1]);
      column = f(column + t[4]);
    }
  }
}

const clamp = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);
