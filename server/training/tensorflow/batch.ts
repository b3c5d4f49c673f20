import type { InputEncoding, Samples } from '../../dataset/dataset.ts';
import { elements, type Shape } from '../../network/shape.ts';
import type { Random } from '../../random.ts';
import { LANES } from '../arena.ts';
import type { Augmentation } from '../engine.ts';

/** Rows down and columns right, for each sample. */
export type Moves = Int32Array;

/** Draws how far each sample is moved: for whole blocks of 16, as the first engine does, so that both see the same samples. */
export function drawMoves(random: Random, { shift }: Augmentation, { height, width }: Shape, count: number): Moves | undefined {
  const reach = [Math.min(shift, height - 1), Math.min(shift, width - 1)];
  if (reach[0] + reach[1] === 0) return undefined;
  return Int32Array.from({ length: 2 * LANES * Math.ceil(count / LANES) }, (_, i) => random.integer(2 * reach[i % 2] + 1) - reach[i % 2]);
}

/** The samples `indices` as the network sees them: [samples, rows, columns, channels] of the given shape. */
export function decode(
  { x }: Samples,
  indices: Uint32Array,
  { zeroPoint, deviation }: InputEncoding,
  shape: Shape,
  moves?: Moves,
): Float32Array {
  const scale = Math.fround(1 / deviation);
  const values = Float32Array.from({ length: 256 }, (_, byte) => (byte - zeroPoint) * scale);
  const size = elements(shape);
  const decoded = new Float32Array(indices.length * size);
  indices.forEach((index, n) => {
    const from = index * size;
    const to = n * size;
    if (!moves) for (let i = 0; i < size; i++) decoded[to + i] = values[x[from + i]];
    else move(shape, moves[2 * n], moves[2 * n + 1], (source, target) => (decoded[to + target] = values[x[from + source]]));
  });
  return decoded;
}

/** Visits each value of a sample with the one that takes its place; the edge is repeated. */
function move({ height, width, channels }: Shape, down: number, right: number, visit: (source: number, target: number) => void): void {
  for (let y = 0, target = 0; y < height; y++) {
    const row = clamp(y - down, height) * width;
    for (let x = 0; x < width; x++) {
      const source = (row + clamp(x - right, width)) * channels;
      for (let c = 0; c < channels; c++) visit(source + c, target++);
    }
  }
}

const clamp = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);
