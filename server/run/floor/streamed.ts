import type { Window } from '../../network/window.ts';
import type { Unit } from '../../plan/plan.ts';
import type { Space } from '../../search/space.ts';
import { bytesOf, mayEnd, type Place, type Plane, reduced, type Way, waysOn } from './ways.ts';
import { denseNeeds, fewestUnits, wholeNeeds } from './whole.ts';

/** Bytes of a sum of the logits and of hidden layers that are streamed, at least. */
const SUM_BYTES = 3;

/** What a network holds from some tensor on: counters and sums beside the arena; in the arena while its input arrives, and at some time afterwards. */
type Held = { readonly beside: number; readonly streaming: number; readonly afterwards: number };

/**
 * Bytes of state that no network of a space goes below, streamed by `unit` through however many stages: found exactly, tensor by tensor of the trunk, for what every
 * plan must hold. That is of each tensor what the next stage's window reaches over, the counters, sums, and from where the network runs over whole tensors the first
 * of them. Residuals and branches only add to it.
 */
export function stateFloor(space: Space, unit: Unit): number {
  const needs = wholeNeeds(space);
  const known = new Map<string, Held[]>();
  const isRow = unit === 'row';
  const inUnit = ({ width, channels }: Plane) => (isRow ? width * channels : channels);
  const countersOf = ({ width }: Plane, rows = 1) => (isRow ? rows : width > 1 ? 2 : 1);

  function from(plane: Plane, at: Place): Held[] {
    const key = JSON.stringify([plane, at]);
    const before = known.get(key);
    if (before) return before;
    const onwards = waysOn(plane, at, space).flatMap((way) => through(plane, way, at));
    const ended = mayEnd(at, space) ? space.heads.flatMap((head) => (head === 'flatten' ? dense(plane.channels, 0) : averaged(plane))) : [];
    const least = undominated([cutAt(plane, needs(plane, at)), ...onwards, ...ended]);
    known.set(key, least);
    return least;
  }

  function through(plane: Plane, way: Way, at: Place): Held[] {
    const after = () => from(way.out, way.next);
    if (way.kind === 'none') return after();
    if (way.kind === 'pool') return pooled(plane, way, at);
    const counters = countersOf(way.out);
    const cut = (between: Plane) => cutAt(between, Math.max(bytesOf(between), needs(way.out, way.next)));
    switch (way.kind) {
      case 'conv2d':
        return adding(after(), reached(plane, way.window), counters);
      case 'separable': {
        const between = { ...way.out, channels: plane.channels };
        const on = adding(after(), { streaming: inUnit(between), beside: 0 }, counters);
        return adding([cut(between), ...on], reached(plane, way.window), countersOf(between));
      }
      case 'bottleneck': {
        const left = reduced(plane, space);
        const on = adding(after(), reached(left ?? plane, way.window), counters);
        return left ? adding([cut(left), ...on], { streaming: inUnit(plane), beside: 0 }, countersOf(left)) : on;
      }
    }
  }

  /** Of what lies under a window a ring, and its place in it. */
  function reached(plane: Plane, window: Window): Pick<Held, 'streaming' | 'beside'> {
    const pixels = reachedOver(window, plane, isRow);
    const isRing = !isRow && pixels > 1 && pixels < plane.height * plane.width;
    return { streaming: pixels * plane.channels, beside: Number(isRing) };
  }

  /** Pools take each row or pixel once (pixels of rows too, as they are made) and keep running results where those are not the output itself. */
  function pooled(plane: Plane, { out, next, window, maximum }: Way & { kind: 'pool' }, at: Place): Held[] {
    if (!isRow && window.kernelY === 1) return adding(from(out, next), reached(plane, window), countersOf(out));
    const taken = at === 'input' ? inUnit(plane) : plane.channels;
    const results = out.width * out.channels;
    const single = out.height * out.width === 1;
    // A single pixel of means lies over its sums.
    const kept = maximum ? (isRow || single ? 0 : results) : (single ? 1 : 2) * results;
    return adding(from(out, next), { streaming: taken + kept, beside: 0 }, countersOf(out, 2));
  }

  /** The means lie over their sums. */
  function averaged(plane: Plane): Held[] {
    const sums = !isRow && plane.height === 1 ? 0 : plane.channels;
    return adding(vector(plane.channels, 0), { streaming: plane.channels + sums, beside: 0 }, isRow ? 2 : 1);
  }

  /** From a vector on, behind so many hidden layers. */
  const vector = (values: number, behind: number): Held[] => [
    { beside: 0, streaming: values, afterwards: denseNeeds(values, behind, space) },
    ...dense(values, behind),
  ];

  /** From what a dense layer takes pixel by pixel on; the values of a hidden layer lie over their sums. */
  function dense(values: number, behind: number): Held[] {
    const counters = Number(isRow);
    const units = fewestUnits(space);
    const hidden = behind < Math.min(space.dense[1], Math.max(1, space.dense[0]));
    const taken = { streaming: values, beside: 0 };
    return [
      ...(behind >= space.dense[0] ? [{ beside: SUM_BYTES * space.classes + counters, streaming: values, afterwards: 0 }] : []),
      ...(hidden ? adding(vector(units, behind + 1), taken, (SUM_BYTES - 1) * units + counters) : []),
    ];
  }

  const { input } = space;
  return (
    Math.min(...from(input, 'input').map(({ beside, streaming, afterwards }) => beside + Math.max(streaming, afterwards))) +
    countersOf(input)
  );
}

const cutAt = (plane: Plane, afterwards: number): Held => ({ beside: 0, streaming: bytesOf(plane), afterwards });

const adding = (held: readonly Held[], { streaming, beside }: Pick<Held, 'streaming' | 'beside'>, counters: number): Held[] =>
  held.map((each) => ({ ...each, streaming: each.streaming + streaming, beside: each.beside + beside + counters }));

function undominated(held: readonly Held[]): Held[] {
  const kept: Held[] = [];
  for (const each of [...held].sort((a, b) => a.beside - b.beside || a.streaming - b.streaming || a.afterwards - b.afterwards))
    if (!kept.some(({ streaming, afterwards }) => streaming <= each.streaming && afterwards <= each.afterwards)) kept.push(each);
  return kept;
}

/** Pixels of the input, from the first under some window to the last: in rows, whole ones. */
function reachedOver(window: Window, { height, width }: Plane, isRow: boolean): number {
  const rows = widest(window.rows, window.strideY, window.padTop, window.kernelY, height);
  const columns = widest(window.columns, window.strideX, window.padLeft, window.kernelX, width);
  return isRow ? rows * width : (rows - 1) * width + columns;
}

/** Of all places of a kernel along an axis, the most of it that lies on the input. */
function widest(count: number, stride: number, pad: number, kernel: number, size: number): number {
  let most = 1;
  for (let at = 0; at < count; at++) {
    const first = at * stride - pad;
    most = Math.max(most, Math.min(size, first + kernel) - Math.max(0, first));
  }
  return most;
}
