import { LANES, PIXEL } from '../arena.ts';
import type { Convolve } from '../commands/convolve.ts';
import type { Tap } from '../operators/sparse.ts';
import { Body } from './module.ts';
import { addProduct, clear, copy, gate, load, rectify, release, spread, store, take, VECTOR, type Vectors } from './vectors.ts';

/** The taps of a command's channels, by kernel row. */
export type Channels = readonly (readonly (readonly Tap[])[])[];
/** `width` columns has the input: those beside are zeros. */
type Masked = { readonly channels: Channels; readonly width?: number };

/** `parts`: 2 where V8 makes one vector of two that lie side by side, else 1. */
export type Code = { readonly parts: number };

/** Sums that are held in registers at a time, so that with a value and the weights of a kernel row there are 15 at most. */
const SUMS = 12;
const VECTORS = LANES / 4;

const [Y, BLOCK, VECTOR_LEFT, INPUT, OUTPUT, MASK, ROW] = [0, 1, 2, 3, 4, 5, 6];

/**
 * A `convolve` command as code: a row's pixels of one channel or a few at a time, and every input value loaded once for all of their taps.
 * Nothing where addresses would begin below zero.
 */
export function straightConvolve(c: Convolve, { channels, width }: Masked, { parts }: Code): Body | undefined {
  const top = c.input - c.padTop * c.inputRow;
  if (top < 0 || c.outputTable || c.maskTable) return undefined;
  const body = new Body();
  // Where all taps lie in one column it is channels that share values, not pixels.
  const alone = channels.every((rows) => rows.every((taps) => taps.every(({ column }) => column === taps[0].column)));
  const blocks = Math.ceil(c.columns / (alone ? SUMS / 2 : SUMS));
  const most = Math.ceil(c.columns / blocks);
  const many = Math.max(1, Math.floor(SUMS / most));
  for (let first = 0; first < c.channels; first += many) {
    const tile = Array.from({ length: Math.min(many, c.channels - first) }, (_, i) => first + i);
    for (let column = 0; column < c.columns; ) {
      const columns = Math.min(most, c.columns - column);
      const times = Math.floor((c.columns - column) / columns);
      // What is done at several places cannot know where the input ends.
      const inside = times > 1 || width === undefined ? undefined : { first: column * (c.inputColumn / PIXEL), width };
      rows(body, c, { channels, tile, column, columns, times, inside, top }, parts);
      column += times * columns;
    }
  }
  return body;
}

type Tile = {
  readonly channels: Channels;
  readonly tile: readonly number[];
  readonly column: number;
  readonly columns: number;
  /** How often that many columns follow each other. */
  readonly times: number;
  readonly inside?: { readonly first: number; readonly width: number };
  /** The address of the first input row, above it if padded. */
  readonly top: number;
};

function rows(body: Body, c: Convolve, tile: Tile, parts: number): void {
  const { column, columns, times, top } = tile;
  const moved: [local: number, from: number, column: number, row: number][] = [
    [INPUT, top, c.inputColumn, c.stride * c.inputRow],
    [OUTPUT, c.output, c.outputColumn, c.outputRow],
    ...(c.mask ? [[MASK, c.mask, c.maskColumn, c.maskRow] as [number, number, number, number]] : []),
  ];
  for (const [local, from, step] of moved) {
    body.constant(from + column * step);
    body.set(local);
  }
  body.constant(-c.padTop);
  body.set(ROW);
  body.times(Y, c.rows, () => {
    body.times(BLOCK, times, () => {
      body.times(VECTOR_LEFT, VECTORS / parts, () => {
        pixels(body, c, tile, parts);
        for (const [local] of moved) body.advance(local, VECTOR * parts);
      });
      for (const [local, , step] of moved) body.advance(local, columns * step - PIXEL);
    });
    for (const [local, , step, row] of moved) body.advance(local, row - times * columns * step);
    body.advance(ROW, c.stride);
  });
}

/** One vector, or two, of a few pixels of the tile's channels. */
function pixels(body: Body, c: Convolve, { channels, tile, columns, inside }: Tile, parts: number): void {
  const sums = tile.map((channel) => {
    const begin = c.bias ? spread(body, c.bias + 4 * channel, parts) : undefined;
    const each = Array.from({ length: columns }, () => {
      const sum = take(body, parts);
      if (begin) copy(body, sum, begin);
      else clear(body, sum);
      return sum;
    });
    if (begin) release(body, begin);
    return each;
  });
  for (let k = 0; k < c.kernelRows; k++) {
    const products: Product[] = [];
    tile.forEach((channel, which) => {
      for (const { offset, column, weight } of channels[channel][k]) {
        const [first, end] = inside ? within(inside, column, c.inputColumn / PIXEL, columns) : [0, columns];
        for (let x = first; x < end; x++)
          products.push({ at: offset + x * c.inputColumn, weight: c.values + 4 * weight, sum: sums[which][x] });
      }
    });
    if (products.length === 0) continue;
    const above = k < c.padTop;
    const below = (c.rows - 1) * c.stride + k - c.padTop >= c.inputRows;
    if (above || below) body.whereLess(ROW, k, c.inputRows, () => addProducts(body, products, parts));
    else addProducts(body, products, parts);
  }
  tile.forEach((channel, which) => {
    sums[which].forEach((sum, x) => {
      if (c.relu) rectify(body, sum);
      if (c.mask) gate(body, sum, MASK, channel * c.maskChannel + x * c.maskColumn);
    });
  });
  tile.forEach((channel, which) => {
    sums[which].forEach((sum, x) => {
      store(body, OUTPUT, channel * c.outputChannel + x * c.outputColumn, sum);
      release(body, sum);
    });
  });
}

/** The pixels whose tap in that column reads the input, not what lies beside it. */
function within({ first, width }: { first: number; width: number }, column: number, step: number, columns: number): [number, number] {
  return [Math.max(0, Math.ceil(-(first + column) / step)), Math.min(columns, Math.ceil((width - first - column) / step))];
}

type Product = { readonly at: number; readonly weight: number; readonly sum: Vectors };

/** Adds products to their sums in the order of the values that they read; a weight is held from the first to the last that needs it. */
function addProducts(body: Body, products: readonly Product[], parts: number): void {
  const left = new Map<number, number>();
  for (const { weight } of products) left.set(weight, (left.get(weight) ?? 0) + 1);
  const weights = new Map<number, Vectors>();
  const value = take(body, parts);
  let loaded = -1;
  for (const { at, weight, sum } of [...products].sort((a, b) => a.at - b.at)) {
    if (at !== loaded) load(body, value, INPUT, at);
    loaded = at;
    if (!weights.has(weight)) weights.set(weight, spread(body, weight, parts));
    addProduct(body, sum, value, weights.get(weight)!);
    left.set(weight, left.get(weight)! - 1);
    if (left.get(weight) === 0) release(body, weights.get(weight)!);
  }
  release(body, value);
}
