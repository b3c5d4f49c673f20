import { type Padding, type Pair, slide, type Window } from '../network/window.ts';
import type { Unit } from '../plan/plan.ts';
import type { Range, Space } from '../search/space.ts';

/** Bytes that no network of a space goes below, whatever its plan. */
export type Floor = { readonly ramBytes: number; readonly flashBytes: number };

/**
 * A proof, by what every plan must hold: while rows (or pixels) stream, of each tensor what the next stage's window reaches over, a counter for each stage, and the sums of the
 * logits; from where the network runs over whole tensors, the first of them in full. The least of that over all shapes of the trunk is found exactly, layer by layer; counts and
 * channels are at their least, for each layer or channel more only adds. Stack and machine code are taken as 0: their models are fitted and prove nothing.
 */
export function floorOf(space: Space): Floor {
  return { ramBytes: Math.min(stateFloor(space, 'row'), stateFloor(space, 'pixel')), flashBytes: tableFloor(space) };
}

type Map2 = { readonly height: number; readonly width: number; readonly channels: number };

/** Bytes of a sum, at least: 24 bits. */
const SUM_BYTES = 3;

function stateFloor(space: Space, unit: Unit): number {
  const known = new Map<string, number>();
  const channels = leastLeft(space.filters[0], space.structured[1]);
  const sums = SUM_BYTES * space.classes;
  const perUnit = (map: Map2) => (unit === 'row' ? map.width * map.channels : map.channels);
  // The sums of a network that ends over whole tensors may lie where those were.
  const whole = (map: Map2) => map.height * map.width * map.channels;
  const steps = stepsOf(space);

  /** From a tensor on, before `steps[at]`. */
  function from(map: Map2, at: number): number {
    const key = `${at} ${map.height} ${map.width} ${map.channels}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const streamed = at === steps.length ? map.channels + 1 + sums : Math.min(...steps[at].map((step) => through(map, step, at + 1)));
    const least = Math.min(whole(map), streamed);
    known.set(key, least);
    return least;
  }

  function through(map: Map2, step: Step, next: number): number {
    if (step.kind === 'none') return from(map, next);
    const window = windowOf(map, step);
    if (!window) return Number.POSITIVE_INFINITY;
    const out = { height: window.rows, width: window.columns };
    if (step.kind === 'pool') return pooled(map, window, step.maximum) + from({ ...out, channels: map.channels }, next);
    const after = from({ ...out, channels }, next);
    const over = reachedOver(window, map, unit);
    switch (step.kind) {
      case 'conv2d':
        return over * map.channels + 1 + after;
      case 'separable': {
        const between = { ...out, channels: map.channels };
        return over * map.channels + 1 + Math.min(whole(between), perUnit(between) + 1 + after);
      }
      case 'bottleneck': {
        const reduced = Math.ceil(map.channels / space.reduction[1]);
        const left = { ...map, channels: reduced < map.channels ? leastLeft(reduced, space.structured[1]) : map.channels };
        const alone = over * left.channels + 1 + after;
        return reduced < map.channels ? perUnit(map) + 1 + Math.min(whole(left), alone) : alone;
      }
    }
  }

  /** Pools take each row or pixel once and keep running results where those are not the output itself. */
  function pooled(map: Map2, window: Window, maximum: boolean): number {
    const folds = unit === 'row' || window.kernelY > 1;
    const results = window.columns * map.channels;
    const single = window.rows * window.columns === 1;
    // A single pixel of means lies over its sums.
    const kept = !folds ? 0 : maximum ? (unit === 'row' || single ? 0 : results) : (single ? 1 : 2) * results;
    return perUnit(map) + 1 + kept;
  }

  return 1 + from(space.input, 0);
}

/** A way on from one tensor to the next: a window and what is done under it. */
type Step =
  | { readonly kind: 'none' }
  | { readonly kind: 'pool'; readonly size: number; readonly maximum: boolean }
  | {
      readonly kind: Space['ops'][number];
      readonly kernel: number;
      readonly stride: number;
      readonly padding: Padding;
    };

/** Every way on at each place of the trunk: the pool on the input, then as few layers and blocks as there may be. */
function stepsOf(space: Space): Step[][] {
  const convolutions = space.ops.flatMap((kind) =>
    wholes(space.kernel).flatMap((kernel) =>
      wholes(space.stride).flatMap((stride) => space.padding.map((padding): Step => ({ kind, kernel, stride, padding }))),
    ),
  );
  const block = [...new Array<Step[]>(space.layers[0]).fill(convolutions), poolsOf(space.pool, space)];
  return [poolsOf(space.downsample, space), ...new Array<Step[][]>(space.blocks[0]).fill(block).flat()];
}

const poolsOf = (range: Range, { poolTypes }: Space): Step[] =>
  wholes(range).map((size) => (size === 1 ? { kind: 'none' } : { kind: 'pool', size, maximum: poolTypes.includes('max') }));

function windowOf({ height, width, channels }: Map2, step: Exclude<Step, { kind: 'none' }>): Window | undefined {
  const shrunk = (size: number): Pair => [Math.min(size, height), Math.min(size, width)];
  const [kernel, stride, padding] =
    step.kind === 'pool' ? [step.size, step.size, 'valid' as const] : [step.kernel, step.stride, step.padding];
  const window = slide({ height, width, channels }, shrunk(kernel), shrunk(stride), padding);
  return typeof window === 'string' ? undefined : window;
}

/** Pixels of the input, from the first under some window to the last: in rows, whole ones. */
function reachedOver(window: Window, { height, width }: Map2, unit: Unit): number {
  const rows = widest(window.rows, window.strideY, window.padTop, window.kernelY, height);
  const columns = widest(window.columns, window.strideX, window.padLeft, window.kernelX, width);
  return unit === 'row' ? rows * width : (rows - 1) * width + columns;
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

/** Weights and biases of the last dense layer alone, in their shorter encoding. */
/** Weights in a byte: three values each, 243 together. */
const MOST_PACKED = 5;

function tableFloor(space: Space): number {
  const inputs = Math.min(...[space.filters[0], space.units[0]].map((count) => leastLeft(count, space.structured[1])));
  const weights = inputs * space.classes;
  const pruned = space.classes + 2 * Math.ceil(weights * (1 - space.unstructured[1]));
  return Math.floor(Math.min(weights, pruned) / MOST_PACKED) + 4 * space.classes;
}

/** As pruning rounds it. */
const leastLeft = (count: number, share: number): number => Math.max(1, count - Math.round(count * share));

const wholes = ([low, high]: Range): number[] => Array.from({ length: high - low + 1 }, (_, index) => low + index);
