import { type Pair, slide, type Window } from '../../network/window.ts';
import type { Range, Space } from '../../search/space.ts';

/** A tensor of the trunk: rows, columns and channels, the fewest that there may be. */
export type Plane = { readonly height: number; readonly width: number; readonly channels: number };

/** How far the trunk is: before the pool on the input, or behind so many layers of a block. */
export type Place = 'input' | { readonly block: number; readonly layer: number };

/** Rows and columns of the input, from the first under some window to the last. */
export type Reach = { readonly rows: number; readonly columns: number };

type Sliding = { readonly window: Window; readonly reach: Reach };

/** A way on from one tensor of the trunk to the next: none where there is nothing to do, else what is done under a window. */
export type Way = { readonly next: Place; readonly out: Plane } & (
  | { readonly kind: 'none' }
  | (Sliding & ({ readonly kind: 'pool'; readonly maximum: boolean } | { readonly kind: Space['ops'][number] }))
);

export const keyOf = ({ height, width, channels }: Plane, at: Place): string =>
  `${height} ${width} ${channels} ${at === 'input' ? at : `${at.block} ${at.layer}`}`;

export const bytesOf = ({ height, width, channels }: Plane): number => height * width * channels;

/** Whether the trunk may end here. */
export const mayEnd = (at: Place, { blocks }: Space): boolean => at !== 'input' && at.layer === 0 && at.block >= blocks[0];

/** All ways on from a plane at a place. */
export type Ways = (plane: Plane, at: Place) => readonly Way[];

/** Every way on in a space, with the fewest channels: more would only add. */
export function waysIn(space: Space): Ways {
  const known = new Map<string, readonly Sliding[]>();
  const windows = (plane: Plane) => {
    const key = `${plane.height} ${plane.width}`;
    const all = known.get(key) ?? windowsOn(plane, space);
    known.set(key, all);
    return all;
  };
  const channels = leastLeft(space.filters[0], space.structured[1]);
  const convolutions = (plane: Plane, next: Place): Way[] =>
    windows(plane).flatMap(({ window, reach }) =>
      space.ops.map((kind): Way => ({ kind, next, window, reach, out: { height: window.rows, width: window.columns, channels } })),
    );
  return (plane, at) => {
    if (at === 'input') return pools(plane, space.downsample, space, { block: 0, layer: 0 });
    const { block, layer } = at;
    const more = block < space.blocks[1] && layer < space.layers[1];
    const ends = layer >= Math.max(1, space.layers[0]);
    return [
      ...(more ? convolutions(plane, { block, layer: layer + 1 }) : []),
      ...(ends ? pools(plane, space.pool, space, { block: block + 1, layer: 0 }) : []),
    ];
  };
}

function pools(plane: Plane, range: Range, { poolTypes }: Space, next: Place): Way[] {
  return upTo(range, plane).flatMap((size): Way[] => {
    const kernel = shrunk(size, plane);
    if (kernel[0] * kernel[1] === 1) return [{ kind: 'none', next, out: plane }];
    const window = slide(plane, kernel, kernel, 'valid') as Window;
    const out = { height: window.rows, width: window.columns, channels: plane.channels };
    return poolTypes.map((type) => ({ kind: 'pool', next, out, window, reach: reachOf(window, plane), maximum: type === 'max' }));
  });
}

/** Of the windows that make an output of the same size, those that no other is better than in everything. */
function windowsOn(plane: Plane, { kernel, stride, padding }: Space): Sliding[] {
  const bySize = new Map<string, Sliding[]>();
  for (const size of upTo(kernel, plane))
    for (const step of upTo(stride, plane))
      for (const pad of padding) {
        const window = slide(plane, shrunk(size, plane), shrunk(step, plane), pad);
        if (typeof window === 'string') continue;
        const key = `${window.rows} ${window.columns}`;
        bySize.set(key, joined(bySize.get(key) ?? [], { window, reach: reachOf(window, plane) }));
      }
  return [...bySize.values()].flat();
}

function joined(all: readonly Sliding[], one: Sliding): Sliding[] {
  if (all.some((other) => isNoWorse(other, one))) return [...all];
  return [...all.filter((other) => !isNoWorse(one, other)), one];
}

/** What lies under a window, and how soon it has passed by. */
const isNoWorse = (a: Sliding, b: Sliding): boolean =>
  a.reach.rows <= b.reach.rows &&
  a.reach.columns <= b.reach.columns &&
  a.window.strideY >= b.window.strideY &&
  a.window.padTop <= b.window.padTop;

const reachOf = (window: Window, { height, width }: Plane): Reach => ({
  rows: widest(window.rows, window.strideY, window.padTop, window.kernelY, height),
  columns: widest(window.columns, window.strideX, window.padLeft, window.kernelX, width),
});

/** Of all places of a kernel along an axis, the most of it that lies on the input. */
function widest(count: number, stride: number, pad: number, kernel: number, size: number): number {
  let most = 1;
  for (let at = 0; at < count && most < kernel; at++) {
    const first = at * stride - pad;
    most = Math.max(most, Math.min(size, first + kernel) - Math.max(0, first));
  }
  return most;
}

export const shrunk = (size: number, { height, width }: Plane): Pair => [Math.min(size, height), Math.min(size, width)];

/** Sizes beyond the plane's shrink to it. */
function upTo([low, high]: Range, { height, width }: Plane): number[] {
  const most = Math.max(low, Math.min(high, Math.max(height, width)));
  return Array.from({ length: most - low + 1 }, (_, index) => low + index);
}

/** What the first layer of a bottleneck leaves; undefined where there is none. */
export function reduced({ channels, ...plane }: Plane, { reduction, structured }: Space): Plane | undefined {
  const left = Math.ceil(channels / reduction[1]);
  return left < channels ? { ...plane, channels: leastLeft(left, structured[1]) } : undefined;
}

/** As pruning rounds it. */
export const leastLeft = (count: number, share: number): number => Math.max(1, count - Math.round(count * share));
