import type { Window } from '../../network/window.ts';
import { leadOf } from '../../plan/overlap.ts';
import type { Space } from '../../search/space.ts';
import { bytesOf, keyOf, leastLeft, mayEnd, type Place, type Plane, reduced, type Way, type Ways } from './ways.ts';

/** Bytes of a logit that is made over whole tensors. */
const LOGIT_BYTES = 4;

/** What the arena holds at least at some time, once a network runs over whole tensors from this one on: the least over all ways on of their most. */
export function wholeNeeds(space: Space, ways: Ways): (plane: Plane, at: Place) => number {
  const known = new Map<string, number>();
  const needs = (plane: Plane, at: Place): number => {
    const key = keyOf(plane, at);
    const before = known.get(key);
    if (before !== undefined) return before;
    const onwards = ways(plane, at).map((way) => Math.max(through(plane, way, space), needs(way.out, way.next)));
    const least = Math.min(...onwards, mayEnd(at, space) ? head(plane, space) : Number.POSITIVE_INFINITY);
    known.set(key, least);
    return least;
  };
  return needs;
}

function through(plane: Plane, way: Way, space: Space): number {
  switch (way.kind) {
    case 'none':
    case 'pool':
      return bytesOf(plane);
    case 'conv2d':
      return slidOver(plane, way.window, way.out);
    case 'separable': {
      const between = { ...way.out, channels: plane.channels };
      return Math.max(slidOver(plane, way.window, between), bytesOf(between));
    }
    case 'bottleneck': {
      const left = reduced(plane, space);
      return Math.max(bytesOf(plane), slidOver(left ?? plane, way.window, way.out));
    }
  }
}

/** An input, and by how much the output that slides over it begins before it. */
const slidOver = (input: Plane, window: Window, shape: Plane): number =>
  bytesOf(input) + leadOf({ op: 'conv2d', window, raw: false, inputShapes: [input], shape })!;

const head = (plane: Plane, space: Space): number =>
  Math.min(
    ...space.heads.map((kind) =>
      kind === 'flatten'
        ? Math.min(denseNeeds(bytesOf(plane), 0, space), joinNeeds(bytesOf(plane), space))
        : Math.max(bytesOf(plane), denseNeeds(plane.channels, 0, space)),
    ),
  );

/** Where a flattened trunk and branches are joined to logits, those are no sums but an addition's bytes. */
function joinNeeds(values: number, space: Space): number {
  const { branches, dense, classes } = space;
  if (branches[1] === 0 || dense[0] > 0) return Number.POSITIVE_INFINITY;
  return Math.max(values + classes + Math.min(fewestUnits(space), classes), 2 * classes);
}

/** From a vector of so many values on, behind so many hidden layers. */
export function denseNeeds(values: number, behind: number, space: Space): number {
  const { dense, classes } = space;
  const units = fewestUnits(space);
  const logits = LOGIT_BYTES * classes;
  const hidden = Math.max(values + units, dense[0] - behind > 1 ? 2 * units : 0, units + logits);
  return Math.min(behind >= dense[0] ? values + logits : Number.POSITIVE_INFINITY, behind < dense[1] ? hidden : Number.POSITIVE_INFINITY);
}

export const fewestUnits = ({ units, structured }: Space): number => leastLeft(units[0], structured[1]);
