import type { Unit } from '../../plan/plan.ts';
import type { Space } from '../../search/space.ts';
import { bytesOf, keyOf, mayEnd, type Place, type Plane, type Reach, reduced, type Way, waysIn } from './ways.ts';
import { denseNeeds, fewestUnits, wholeNeeds } from './whole.ts';

/** Bytes of a sum of the logits and of hidden layers that are streamed, at least. */
const SUM_BYTES = 3;

/** Of the trunk's tensors; what follows others counts for nothing, which is less than it holds. */
const MOST_LOOKED_AT = 5000;

/** What a network holds from some tensor on: counters and sums beside the arena; in the arena while its input arrives, and at some time afterwards. */
type Held = { readonly beside: number; readonly streaming: number; readonly afterwards: number };

/**
 * Bytes of state that no network of a space goes below, streamed by `unit` through however many stages: found exactly, tensor by tensor of the trunk, for what every
 * plan must hold. That is of each tensor what the next stage's window reaches over, the counters, sums, and from where the network runs over whole tensors the first
 * of them. Residuals and branches only add to it.
 */
export function stateFloor(space: Space, unit: Unit): number {
  const ways = waysIn(space);
  const needs = wholeNeeds(space, ways);
  const known = new Map<string, Held[]>();
  const isRow = unit === 'row';
  const inUnit = ({ width, channels }: Plane) => (isRow ? width * channels : channels);
  const countersOf = ({ width }: Plane, rows = 1) => (isRow ? rows : width > 1 ? 2 : 1);

  function from(plane: Plane, at: Place): Held[] {
    const key = keyOf(plane, at);
    const before = known.get(key);
    if (before) return before;
    if (known.size >= MOST_LOOKED_AT) return [{ beside: 0, streaming: 0, afterwards: 0 }];
    const onwards = ways(plane, at).flatMap((way) => through(plane, way, at));
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
        return adding(after(), reached(plane, way.reach), counters);
      case 'separable': {
        const between = { ...way.out, channels: plane.channels };
        const on = adding(after(), { streaming: inUnit(between), beside: 0 }, counters);
        return adding([cut(between), ...on], reached(plane, way.reach), countersOf(between));
      }
      case 'bottleneck': {
        const left = reduced(plane, space);
        const on = adding(after(), reached(left ?? plane, way.reach), counters);
        return left ? adding([cut(left), ...on], { streaming: inUnit(plane), beside: 0 }, countersOf(left)) : on;
      }
    }
  }

  /** Of what lies under a window a ring, and its place in it. */
  function reached(plane: Plane, { rows, columns }: Reach): Pick<Held, 'streaming' | 'beside'> {
    const pixels = isRow ? rows * plane.width : (rows - 1) * plane.width + columns;
    const isRing = !isRow && pixels > 1 && pixels < plane.height * plane.width;
    return { streaming: pixels * plane.channels, beside: Number(isRing) };
  }

  /**
   * Pools keep what lies under their window; or they take each row or pixel once (pixels of rows too, as they are made) and keep running results where those are
   * not the output itself.
   */
  function pooled(plane: Plane, { out, next, reach, maximum }: Way & { kind: 'pool' }, at: Place): Held[] {
    const under = adding(from(out, next), reached(plane, reach), countersOf(out));
    const taken = at === 'input' ? inUnit(plane) : plane.channels;
    const results = out.width * out.channels;
    const single = out.height * out.width === 1;
    // A single pixel of means lies over its sums.
    const kept = maximum ? (isRow || single ? 0 : results) : (single ? 1 : 2) * results;
    return [...under, ...adding(from(out, next), { streaming: taken + kept, beside: 0 }, countersOf(out, 2))];
  }

  /** The means lie over their sums, where they are not taken of what is kept. */
  function averaged(plane: Plane): Held[] {
    const on = vector(plane.channels, 0);
    const under = adding(on, { streaming: bytesOf(plane), beside: 0 }, 1);
    return [...under, ...adding(on, { streaming: 2 * plane.channels, beside: 0 }, isRow ? 2 : 1)];
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
