import type { Random } from '../../random.ts';

const SIZE = 1 << 16;

/**
 * Standard normal noise for many weights at a time, out of one table at a random offset: drawing each number anew would take longer than
 * the network's step. Neighbouring offsets repeat values, but at other weights.
 */
export function createNoise(random: Random): (into: Float32Array, random: Random) => void {
  const table = Float32Array.from({ length: SIZE }, () => random.normal());
  return (into, offsets) => {
    for (let begin = 0; begin < into.length; begin += SIZE) {
      const offset = offsets.integer(SIZE);
      const end = Math.min(into.length, begin + SIZE);
      for (let i = begin; i < end; i++) into[i] = table[(offset + i - begin) & (SIZE - 1)];
    }
  };
}
