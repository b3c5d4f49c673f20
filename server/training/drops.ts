import type { Random } from '../random.ts';

const SIZE = 1 << 16;

/**
 * Zeros and ones, `share` of them zeros, for many values at a time: out of one table at a random offset, as drawing each anew would take longer
 * than the network's step (see `forms/noise.ts`).
 */
export function createDrops(random: Random, share: number): (into: Float32Array, random: Random) => void {
  const table = Float32Array.from({ length: 2 * SIZE }, () => Number(random.next() >= share));
  return (into, offsets) => {
    for (let begin = 0; begin < into.length; begin += SIZE) {
      const offset = offsets.integer(SIZE);
      into.set(table.subarray(offset, offset + Math.min(SIZE, into.length - begin)), begin);
    }
  };
}
