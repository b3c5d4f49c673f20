import type { Arena } from '../arena.ts';
import { command } from '../encode.ts';
import { extent, plane, type Step, type Tensor } from './operator.ts';
import { transfer } from './transfer.ts';

/** Where the ceiling of a clipped ReLU lies: as f32, and as the `code` and `multipliers` by which its gradient is stopped. */
export type Ceiling = { readonly limit: number; readonly code: number; readonly multipliers: number };

export function placeCeiling(arena: Arena, channels: number, ceiling: number): Ceiling {
  return {
    limit: arena.place(Float32Array.of(ceiling)),
    code: arena.place(doubles([0, 1, 1, -Infinity, Math.fround(ceiling)])),
    multipliers: arena.place(doubles(Array(channels).fill(1))),
  };
}

export function writeCeiling({ limit, code }: Ceiling, ceiling: number, buffer: ArrayBuffer): void {
  new Float32Array(buffer, limit, 1)[0] = ceiling;
  new Float64Array(buffer, code, 5)[4] = Math.fround(ceiling);
}

export const clip = ({ value, shape }: Tensor, { limit }: Ceiling): Step => transfer(shape, value, value, { ceiling: limit });

/** No gradient passes where the value was held. */
export const clipGradient = ({ value, gradient, shape }: Tensor, { code, multipliers }: Ceiling): Step => ({
  channels: shape.channels,
  reads: gradient,
  writes: gradient,
  part: (first, count) =>
    command('requantizeGradient', {
      ...plane('gradient', gradient!, first),
      ...plane('plane', value, first),
      code,
      multipliers: multipliers + 8 * first,
      channels: count,
      ...extent(shape),
    }),
});

const doubles = (values: readonly number[]): Int32Array => new Int32Array(Float64Array.from(values).buffer);
