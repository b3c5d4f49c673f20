import { type Padding, type Pair, slide, type Window } from '../../network/window.ts';
import type { Range, Space } from '../../search/space.ts';

/** A tensor of the trunk: rows, columns and channels, the fewest that there may be. */
export type Plane = { readonly height: number; readonly width: number; readonly channels: number };

/** How far the trunk is: before the pool on the input, or behind so many layers of a block. */
export type Place = 'input' | { readonly block: number; readonly layer: number };

/** A way on from one tensor of the trunk to the next: none where there is nothing to do, else what is done under a window. */
export type Way = { readonly next: Place; readonly out: Plane } & (
  | { readonly kind: 'none' }
  | { readonly kind: 'pool'; readonly window: Window; readonly maximum: boolean }
  | { readonly kind: Space['ops'][number]; readonly window: Window }
);

export const bytesOf = ({ height, width, channels }: Plane): number => height * width * channels;

/** Whether the trunk may end here. */
export const mayEnd = (at: Place, { blocks }: Space): boolean => at !== 'input' && at.layer === 0 && at.block >= blocks[0];

/** Every way on, with the fewest channels: more would only add. */
export function waysOn(plane: Plane, at: Place, space: Space): Way[] {
  if (at === 'input') return pools(plane, space.downsample, space, { block: 0, layer: 0 });
  const { block, layer } = at;
  const more = block < space.blocks[1] && layer < space.layers[1];
  const ends = layer >= Math.max(1, space.layers[0]);
  return [
    ...(more ? convolutions(plane, space, { block, layer: layer + 1 }) : []),
    ...(ends ? pools(plane, space.pool, space, { block: block + 1, layer: 0 }) : []),
  ];
}

function pools(plane: Plane, range: Range, { poolTypes }: Space, next: Place): Way[] {
  return wholes(range).flatMap((size): Way[] => {
    const kernel = shrunk(size, plane);
    if (kernel[0] * kernel[1] === 1) return [{ kind: 'none', next, out: plane }];
    const window = slide(plane, kernel, kernel, 'valid') as Window;
    const out = { height: window.rows, width: window.columns, channels: plane.channels };
    return poolTypes.map((type) => ({ kind: 'pool', next, out, window, maximum: type === 'max' }));
  });
}

function convolutions(plane: Plane, space: Space, next: Place): Way[] {
  const channels = leastLeft(space.filters[0], space.structured[1]);
  return windowsOn(plane, space).flatMap((window) =>
    space.ops.map((kind): Way => ({ kind, next, window, out: { height: window.rows, width: window.columns, channels } })),
  );
}

/** Kernels larger than a plane shrink to it, so many are the same. */
function windowsOn(plane: Plane, { kernel, stride, padding }: Space): Window[] {
  const known = new Map<string, Window>();
  for (const size of wholes(kernel))
    for (const step of wholes(stride))
      for (const pad of padding) {
        const window = windowOn(plane, shrunk(size, plane), shrunk(step, plane), pad);
        if (window) known.set(JSON.stringify(window), window);
      }
  return [...known.values()];
}

function windowOn(plane: Plane, kernel: Pair, stride: Pair, padding: Padding): Window | undefined {
  const window = slide(plane, kernel, stride, padding);
  return typeof window === 'string' ? undefined : window;
}

const shrunk = (size: number, { height, width }: Plane): Pair => [Math.min(size, height), Math.min(size, width)];

/** What the first layer of a bottleneck leaves; undefined where there is none. */
export function reduced({ channels, ...plane }: Plane, { reduction, structured }: Space): Plane | undefined {
  const left = Math.ceil(channels / reduction[1]);
  return left < channels ? { ...plane, channels: leastLeft(left, structured[1]) } : undefined;
}

/** As pruning rounds it. */
export const leastLeft = (count: number, share: number): number => Math.max(1, count - Math.round(count * share));

const wholes = ([low, high]: Range): number[] => Array.from({ length: high - low + 1 }, (_, index) => low + index);
