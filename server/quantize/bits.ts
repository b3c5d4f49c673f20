import type { Stage } from '../network/stage.ts';

/** Bits of a weight as it lies in flash. */
export type StoredBits = 8 | 4 | 2;

/** Those that a stage's weights need. */
export const storedBits = ({ bits }: Pick<Stage, 'bits'>): StoredBits => (bits === 'ternary' ? 2 : (bits ?? 8));

/** Weights of so many bits in bytes, the first lowest. */
export function pack(weights: ArrayLike<number>, bits: StoredBits): number[] {
  const bytes: number[] = Array(Math.ceil((weights.length * bits) / 8)).fill(0);
  for (let i = 0; i < weights.length; i++) bytes[Math.floor((i * bits) / 8)] |= (weights[i] & (2 ** bits - 1)) << ((i * bits) % 8);
  return bytes;
}
