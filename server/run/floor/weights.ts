import { leastOfSpread } from '../../plan/standin.ts';
import type { Space } from '../../search/space.ts';
import { bytesOf, keyOf, mayEnd, type Place, type Plane, reduced, shrunk, type Way, waysIn } from './ways.ts';
import { fewestUnits } from './whole.ts';

/** Bytes that so many weights take, of which at least `nonZeros` are not zero. More of either take no less. */
export type Stored = (count: number, nonZeros: number) => number;

/**
 * Bytes of weights that no network of a space goes below: found tensor by tensor of the trunk, with the fewest channels and the smallest kernels. Branches and residuals only
 * add to it.
 */
export function leastWeights(space: Space, stored: Stored): number {
  const ways = waysIn(space);
  const known = new Map<string, number>();
  const left = 1 - space.unstructured[1];
  const stage = (taps: number, channels: number): number => {
    const count = taps * channels;
    return stored(count, left < 1 ? leastOfSpread(count * left, channels) : count);
  };

  function from(plane: Plane, at: Place): number {
    const key = keyOf(plane, at);
    const before = known.get(key);
    if (before !== undefined) return before;
    const onwards = ways(plane, at).map((way) => through(plane, way) + from(way.out, way.next));
    const least = Math.min(...onwards, mayEnd(at, space) ? headOn(plane) : Number.POSITIVE_INFINITY);
    known.set(key, least);
    return least;
  }

  function through(plane: Plane, { kind, out }: Way): number {
    const [height, width] = shrunk(space.kernel[0], plane);
    const area = height * width;
    switch (kind) {
      case 'none':
      case 'pool':
        return 0;
      case 'conv2d':
        return stage(area * plane.channels, out.channels);
      case 'separable':
        return stage(area, plane.channels) + stage(plane.channels, out.channels);
      case 'bottleneck': {
        const inner = reduced(plane, space);
        return inner
          ? stage(plane.channels, inner.channels) + stage(area * inner.channels, out.channels)
          : stage(area * plane.channels, out.channels);
      }
    }
  }

  const headOn = (plane: Plane): number =>
    Math.min(...space.heads.map((head) => dense(head === 'flatten' ? bytesOf(plane) : plane.channels)));

  /** Behind few hidden layers, or none. */
  function dense(values: number): number {
    const { classes, dense: hidden } = space;
    const units = fewestUnits(space);
    const between = Math.max(0, hidden[0] - 1) * stage(units, units);
    const direct = hidden[0] === 0 ? stage(values, classes) : Number.POSITIVE_INFINITY;
    return Math.min(direct, hidden[1] > 0 ? stage(values, units) + between + stage(units, classes) : Number.POSITIVE_INFINITY);
  }

  return from(space.input, 'input');
}
