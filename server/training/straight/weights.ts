import { LANES, PIXEL } from '../arena.ts';
import type { ConvolveWeights } from '../commands/convolve.ts';
import type { Channels } from './convolve.ts';
import { Body } from './module.ts';

/** Sums in registers, beside the gradients of two pixels and a value. */
const SUMS = 11;
const VECTOR = 16;
const VECTORS = LANES / 4;
/** Of one channel's gradient, in the nearest cache while all its taps run over it. */
const CHUNK_BYTES = 20480;

const [CHUNK, Y, BLOCK, VECTOR_LEFT, INPUT, GRADIENT] = [0, 1, 2, 3, 4, 5];

/** A sum: of gradient times value of a tap, or of the gradient alone. */
type Sum = { readonly at: number; readonly channel: number; readonly offset?: number };

/** A `convolveWeights` command whose rows all take all taps, as code: a few sums at a time over the rows. */
export function straightWeights(c: ConvolveWeights, channels: Channels, fused: boolean): Body | undefined {
  if (c.kernelRows > 1 || c.padTop > 0) return undefined;
  const body = new Body(fused);
  const sums = channels.flatMap((taps, channel): Sum[] => [
    ...(c.biasSums ? [{ at: c.biasSums + VECTOR * channel, channel }] : []),
    ...taps.flat().map(({ offset, weight }) => ({ at: c.allSums + VECTOR * weight, channel, offset })),
  ]);
  const most = Math.max(1, Math.floor(CHUNK_BYTES / (c.columns * PIXEL)));
  for (let y = 0; y < c.rows; ) {
    const rows = Math.min(most, c.rows - y);
    const times = Math.floor((c.rows - y) / rows);
    chunks(body, c, sums, { y, rows, times });
    y += times * rows;
  }
  return body;
}

function chunks(body: Body, c: ConvolveWeights, all: readonly Sum[], { y, rows, times }: { y: number; rows: number; times: number }): void {
  const inputRow = c.stride * c.inputRow;
  body.constant(c.input + y * inputRow - c.padTop * c.inputRow);
  body.set(INPUT);
  body.constant(c.gradient + y * c.gradientRow);
  body.set(GRADIENT);
  body.times(CHUNK, times, () => {
    groupsOf(all).forEach((group, index) => {
      if (index > 0) move(body, -rows * inputRow, -rows * c.gradientRow);
      overRows(body, c, group, rows);
    });
  });
}

/** Of one channel, where it has many. */
function groupsOf(sums: readonly Sum[]): Sum[][] {
  const groups: Sum[][] = [];
  for (let first = 0; first < sums.length; first += SUMS) groups.push(sums.slice(first, first + SUMS));
  return groups;
}

function overRows(body: Body, c: ConvolveWeights, group: readonly Sum[], rows: number): void {
  const sums = group.map(({ at }) => {
    const sum = body.take();
    body.constant(at);
    body.load(0);
    body.set(sum);
    return sum;
  });
  const channels = [...new Set(group.map(({ channel }) => channel))];
  const pixels = channels.length === 1 && c.columns % 2 === 0 ? 2 : 1;
  body.times(Y, rows, () => {
    body.times(BLOCK, c.columns / pixels, () => {
      body.times(VECTOR_LEFT, VECTORS, () => {
        addPixels(body, c, group, sums, channels, pixels);
        move(body, VECTOR, VECTOR);
      });
      move(body, pixels * c.inputColumn - PIXEL, pixels * c.gradientColumn - PIXEL);
    });
    move(body, c.stride * c.inputRow - c.columns * c.inputColumn, c.gradientRow - c.columns * c.gradientColumn);
  });
  group.forEach(({ at }, i) => {
    body.constant(at);
    body.get(sums[i]);
    body.store(0);
    body.release(sums[i]);
  });
}

function addPixels(
  body: Body,
  c: ConvolveWeights,
  group: readonly Sum[],
  sums: readonly number[],
  channels: readonly number[],
  pixels: number,
): void {
  const gradients = channels.map((channel) =>
    Array.from({ length: pixels }, (_, x) => {
      const gradient = body.take();
      body.get(GRADIENT);
      body.load(channel * c.gradientChannel + x * c.gradientColumn);
      body.set(gradient);
      return gradient;
    }),
  );
  const value = body.take();
  const products = group
    .flatMap(({ offset, channel }, i) =>
      gradients[channels.indexOf(channel)].map((gradient, x) => ({
        at: offset === undefined ? -1 : offset + x * c.inputColumn,
        gradient,
        sum: sums[i],
      })),
    )
    .sort((a, b) => a.at - b.at);
  let loaded = -1;
  for (const { at, gradient, sum } of products) {
    if (at !== loaded) {
      body.get(INPUT);
      body.load(at);
      body.set(value);
      loaded = at;
    }
    if (at >= 0) body.addProduct(sum, value, gradient);
    else {
      body.get(sum);
      body.get(gradient);
      body.add();
      body.set(sum);
    }
  }
  body.release(value);
  for (const gradient of gradients.flat()) body.release(gradient);
}

function move(body: Body, input: number, gradient: number): void {
  if (input !== 0) body.advance(INPUT, input);
  if (gradient !== 0) body.advance(GRADIENT, gradient);
}
