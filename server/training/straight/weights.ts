import { LANES, PIXEL } from '../arena.ts';
import type { ConvolveWeights } from '../commands/convolve.ts';
import type { Channels, Code } from './convolve.ts';
import { Body } from './module.ts';
import { add, addProduct, clear, load, release, store, take, VECTOR, type Vectors } from './vectors.ts';

/** Sums in registers, beside the gradients of two pixels and a value. */
const SUMS = 11;
const VECTORS = LANES / 4;
/** Of one channel's gradient, in the nearest cache while all its taps run over it. */
const CHUNK_BYTES = 20480;

const [CHUNK, Y, BLOCK, VECTOR_LEFT, INPUT, GRADIENT, SCRATCH] = [0, 1, 2, 3, 4, 5, 6];

/** Bytes in which the parts of sums are put together: behind a word that holds the address of what follows. */
export const SCRATCH_BYTES = 64 + 2 * VECTOR * SUMS;

/** A sum: of gradient times value of a tap, or of the gradient alone. */
type Sum = { readonly at: number; readonly channel: number; readonly offset?: number };

/** A `convolveWeights` command whose rows all take all taps, as code: a few sums at a time over the rows. */
export function straightWeights(c: ConvolveWeights, channels: Channels, parts: Parts): Body | undefined {
  if (c.kernelRows > 1 || c.padTop > 0) return undefined;
  const body = new Body();
  const sums = channels.flatMap((taps, channel): Sum[] => [
    ...(c.biasSums ? [{ at: c.biasSums + VECTOR * channel, channel }] : []),
    ...taps.flat().map(({ offset, weight }) => ({ at: c.allSums + VECTOR * weight, channel, offset })),
  ]);
  const most = Math.max(1, Math.floor(CHUNK_BYTES / (c.columns * PIXEL)));
  for (let y = 0; y < c.rows; ) {
    const rows = Math.min(most, c.rows - y);
    const times = Math.floor((c.rows - y) / rows);
    chunks(body, c, sums, { y, rows, times, ...parts });
    y += times * rows;
  }
  return body;
}

/** `scratch` is the address of `SCRATCH_BYTES`. */
type Parts = Code & { readonly scratch: number };
/** Rows from `y` on, so many at a time. */
type Chunks = Parts & { readonly y: number; readonly rows: number; readonly times: number };

function chunks(body: Body, c: ConvolveWeights, all: readonly Sum[], { y, rows, times, ...parts }: Chunks): void {
  const inputRow = c.stride * c.inputRow;
  body.constant(c.input + y * inputRow - c.padTop * c.inputRow);
  body.set(INPUT);
  body.constant(c.gradient + y * c.gradientRow);
  body.set(GRADIENT);
  body.times(CHUNK, times, () => {
    groupsOf(all).forEach((group, index) => {
      if (index > 0) move(body, -rows * inputRow, -rows * c.gradientRow);
      overRows(body, c, group, rows, parts);
    });
  });
}

/** As many at a time as registers hold, most of them of one channel. */
function groupsOf(sums: readonly Sum[]): Sum[][] {
  const groups: Sum[][] = [];
  for (let first = 0; first < sums.length; first += SUMS) groups.push(sums.slice(first, first + SUMS));
  return groups;
}

function overRows(body: Body, c: ConvolveWeights, group: readonly Sum[], rows: number, { parts, scratch }: Parts): void {
  const sums = group.map(() => take(body, parts));
  for (const sum of sums) clear(body, sum);
  const channels = [...new Set(group.map(({ channel }) => channel))];
  const pixels = channels.length === 1 && c.columns % 2 === 0 ? 2 : 1;
  body.times(Y, rows, () => {
    body.times(BLOCK, c.columns / pixels, () => {
      body.times(VECTOR_LEFT, VECTORS / parts, () => {
        addPixels(body, c, { group, sums, channels, pixels, parts });
        move(body, VECTOR * parts, VECTOR * parts);
      });
      move(body, pixels * c.inputColumn - PIXEL, pixels * c.gradientColumn - PIXEL);
    });
    move(body, c.stride * c.inputRow - c.columns * c.inputColumn, c.gradientRow - c.columns * c.gradientColumn);
  });
  if (parts > 1) {
    // V8 pairs what is stored side by side, at an address that is not constant.
    body.constant(scratch);
    body.loadWord();
    body.set(SCRATCH);
    for (const [i, sum] of sums.entries()) store(body, SCRATCH, VECTOR * parts * i, sum);
  }
  group.forEach(({ at }, i) => {
    const [first] = sums[i];
    body.constant(at);
    body.constant(at);
    body.load(0);
    if (parts === 1) body.get(first);
    else {
      for (let part = 0; part < parts; part++) {
        body.get(SCRATCH);
        body.load(VECTOR * (parts * i + part));
      }
      body.add();
    }
    body.add();
    body.store(0);
    release(body, sums[i]);
  });
}

type Group = {
  readonly group: readonly Sum[];
  readonly sums: readonly Vectors[];
  readonly channels: readonly number[];
  /** Done at a time, beside each other. */
  readonly pixels: number;
  readonly parts: number;
};

function addPixels(body: Body, c: ConvolveWeights, { group, sums, channels, pixels, parts }: Group): void {
  const gradients = channels.map((channel) =>
    Array.from({ length: pixels }, (_, x) => {
      const gradient = take(body, parts);
      load(body, gradient, GRADIENT, channel * c.gradientChannel + x * c.gradientColumn);
      return gradient;
    }),
  );
  const products = group.flatMap(({ offset, channel }, i) =>
    gradients[channels.indexOf(channel)].map((gradient, x) => ({
      at: offset === undefined ? undefined : offset + x * c.inputColumn,
      gradient,
      sum: sums[i],
    })),
  );
  const value = take(body, parts);
  let loaded: number | undefined;
  for (const { at, gradient, sum } of products.sort((a, b) => (a.at ?? -1) - (b.at ?? -1))) {
    if (at === undefined) add(body, sum, gradient);
    else {
      if (at !== loaded) load(body, value, INPUT, at);
      addProduct(body, sum, value, gradient);
    }
    loaded = at;
  }
  release(body, value);
  for (const gradient of gradients.flat()) release(body, gradient);
}

function move(body: Body, input: number, gradient: number): void {
  if (input !== 0) body.advance(INPUT, input);
  if (gradient !== 0) body.advance(GRADIENT, gradient);
}
