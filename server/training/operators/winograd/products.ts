import type { Window } from '../../../network/window.ts';
import { PIXEL, type Plane } from '../../arena.ts';
import { type Command, command } from '../../encode.ts';
import type { Site } from '../operator.ts';
import { tileIndex } from '../tiles.ts';
import { forms, TILE } from './cost.ts';

/** What the products of one band of rows may take of the nearest cache, four channels at a time. */
const BAND_BYTES = 65536;

/**
 * Planes of all products: [product][channel][row][tile], without borders, so that rows are one run of pixels. `point` is the stride from
 * product to product.
 */
export type Products = Plane & { readonly point: number };

/** Transformed weights, each product's packed for the kernels, and the table (i32) of the weights that they are made of. */
export type Weights = { readonly at: number; readonly point: number; readonly table: number; readonly count: number };

/** How a site's products lie in memory. */
export function layoutOf({ arena, slots, prepare, layer, inputs }: Site<'conv2d'>, { kernelY, kernelX, columns }: Window) {
  const { channels } = inputs[0].shape;
  const { filters } = layer;
  const points = forms[kernelX].products;
  const tiles = Math.ceil(columns / TILE);
  const rowBytes = tiles * PIXEL;
  const bandOf = (rows: number) => Math.min(rows, Math.max(1, Math.floor(BAND_BYTES / (points * 4 * rowBytes))));
  /** Where the weight of a kernel row's first column lies; the next are `4 * channels` floats apart. */
  const weightAt = (filter: number, ky: number, channel: number) =>
    tileIndex(filter, ky * kernelX * channels + channel, kernelY * kernelX * channels);

  /** Packs each product's weights for `many` channels; `weight` names that of a channel, a kernel row and a channel `of` what is read. */
  function transform(many: number, read: number, weight: (channel: number, row: number, of: number) => number): Weights {
    const taps = kernelY * read;
    const index = new Int32Array(Math.ceil(many / 4) * 4 * taps).fill(-1);
    for (let channel = 0; channel < many; channel++) {
      for (let tap = 0; tap < taps; tap++) index[tileIndex(channel, tap, taps)] = weight(channel, Math.floor(tap / read), tap % read);
    }
    const count = index.length;
    const point = Math.ceil((4 * count) / PIXEL) * PIXEL;
    const at = arena.allocate(points * point);
    const table = arena.place(index);
    const fields = { taps: kernelX, output: at, outputPoint: point, weights: slots.weight.at, index: table, tap: 16 * channels, count };
    prepare.push(command('winogradWeights', fields));
    return { at, point, table, count };
  }

  return {
    ...{ points, tiles, rowBytes, bandOf },
    products(count: number, rows: number): Products {
      const channel = odd(tiles * rows) * PIXEL;
      const point = odd(count) * channel;
      return { at: arena.allocate(points * point), channel, row: rowBytes, point };
    },
    /** The address of a list of taps: each kernel row's channels in turn. */
    taps(planes: Products, read: number): number {
      const offset = (tap: number) => (tap % read) * planes.channel + Math.floor(tap / read) * planes.row;
      return arena.place(Int32Array.from({ length: kernelY * read }, (_, tap) => offset(tap)));
    },
    forward: () => transform(filters, channels, weightAt),
    /** For the input's gradient: input row y has tap ky from output row y + padTop - ky. */
    backward: () => transform(channels, filters, (channel, row, filter) => weightAt(filter, kernelY - 1 - row, channel)),
    /** Four channels of a few rows at a time. */
    inBands(first: number, count: number, rows: number, work: (band: Band) => readonly Command[]): Command {
      const commands: Command[] = [];
      const most = bandOf(rows);
      for (let channel = first; channel < first + count; channel += 4) {
        for (let row = 0; row < rows; row += most) {
          commands.push(...work({ channel, channels: Math.min(4, first + count - channel), row, rows: Math.min(most, rows - row) }));
        }
      }
      return commands.flat();
    },
  };
}

export type Band = { readonly channel: number; readonly channels: number; readonly row: number; readonly rows: number };

/** An odd number of cache lines from plane to plane, else planes crowd into few sets of the nearest cache. */
const odd = (count: number): number => count + 1 - (count % 2);
