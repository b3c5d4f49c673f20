import type { Random } from '../../random.ts';
import type { Maps, Tensorflow } from './library.ts';

/** Leaves out that share of a map's values, each sample its own, and lets the others count for them. */
export function createDropout(tf: Tensorflow, random: Random, share: number): (map: Maps) => Maps {
  return (map) => {
    const kept = Float32Array.from({ length: map.size }, () => (random.next() < share ? 0 : 1 / (1 - share)));
    return tf.mul(map, tf.tensor4d(kept, map.shape));
  };
}
