import type { Window } from '../../network/window.ts';
import { PIXEL, type Plane } from '../arena.ts';
import { type Command, command } from '../encode.ts';
import { maskOf, plane, type Site, type Step } from './operator.ts';
import { windowOf } from './sliding.ts';
import { PLAIN, tileIndex } from './tiles.ts';

/** Outputs of a tile along the row: `kernels/winograd/winograd.ts`. */
const TILE = 4;
/**
 * By the taps of a kernel row: the products of a tile, and what its transforms take, in multiplications for each channel in and out;
 * measured over channels from 1 to 16 and rows from 5 to 28.
 */
const FORMS: { readonly [taps: number]: { readonly products: number; readonly transforms: number } } = {
  3: { products: 6, transforms: 15 },
  5: { products: 8, transforms: 28 },
};
/** What the products of one band of rows may take of the nearest cache, four channels at a time. */
const BAND_BYTES = 65536;

/** The time of a convolution by Winograd's products, that of going tap by tap taken for 1; infinite where there are none. */
export function winogradCost(window: Window, channels: number, filters: number): number {
  const { kernelY, kernelX, strideY, strideX, dilationY, dilationX, columns } = window;
  const form = FORMS[kernelX];
  if (!form || strideX * strideY * dilationX * dilationY !== 1) return Number.POSITIVE_INFINITY;
  const tiles = Math.ceil(columns / TILE);
  const products = form.products * tiles * kernelY * channels * filters;
  const transforms = form.transforms * tiles * (channels + filters);
  return (products + transforms) / (kernelX * columns * kernelY * channels * filters);
}

/** Planes of all products: [product][channel][row][tile]. `row` is the stride from row to row. */
type Products = Plane & { readonly point: number };

type Weights = { readonly at: number; readonly point: number; readonly table: number };

export type Winograd = {
  forward(relu: boolean): Step[];
  learn(): Step[];
  backward(target: Plane): Step[];
};

/**
 * A convolution whose rows are computed by Winograd's products. Each product is itself a convolution, of the kernel's rows and one column,
 * over planes without borders, by the kernels that there are: all its rows are one run of pixels.
 */
export function winograd(site: Site<'conv2d'>): Winograd {
  const { layer, inputs, output, slots, arena, prepare, collect } = site;
  const [input] = inputs;
  const window = windowOf(layer, input.shape);
  const { channels, height, width } = input.shape;
  const { filters } = layer;
  const { kernelY, kernelX, rows, columns } = window;
  const points = FORMS[kernelX].products;
  const tiles = Math.ceil(columns / TILE);
  const rowBytes = tiles * PIXEL;
  const none = arena.allocate(PIXEL);
  const spill = arena.allocate(PIXEL);

  function products(count: number, productRows: number): Products {
    const lines = tiles * productRows;
    const channel = (lines % 2 === 1 ? lines : lines + 1) * PIXEL;
    const point = (count % 2 === 1 ? count : count + 1) * channel;
    return { at: arena.allocate(points * point), channel, row: rowBytes, point };
  }

  /** A list of taps, each kernel row's channels in turn. */
  const tapsOf = (planes: Products, count: number) =>
    arena.place(
      Int32Array.from({ length: kernelY * count }, (_, tap) => (tap % count) * planes.channel + Math.floor(tap / count) * planes.row),
    );

  /** For weights packed for `many` channels and `taps`, the place of the first of a kernel row that each place comes from. */
  const indexOf = (many: number, taps: number, source: (channel: number, tap: number) => number) => {
    const index = new Int32Array(Math.ceil(many / 4) * 4 * taps).fill(-1);
    for (let channel = 0; channel < many; channel++)
      for (let tap = 0; tap < taps; tap++) index[tileIndex(channel, tap, taps)] = source(channel, tap);
    return index;
  };

  /** Where the weight of the first column lies; the next are `4 * channels` floats apart. */
  const weightAt = (filter: number, ky: number, channel: number) =>
    tileIndex(filter, ky * kernelX * channels + channel, kernelY * kernelX * channels);

  function transformed(index: Int32Array): Weights {
    const point = Math.ceil(index.byteLength / 64) * 64;
    const at = arena.allocate(points * point);
    const table = arena.place(index);
    prepare.push(
      command('winogradWeights', {
        taps: kernelX,
        output: at,
        outputPoint: point,
        weights: slots.weight.at,
        index: table,
        tap: 16 * channels,
        count: index.length,
      }),
    );
    return { at, point, table };
  }

  // The input with the rows of zeros that pad it.
  const entered = products(channels, rows + kernelY - 1);
  const enteredTaps = tapsOf(entered, channels);
  const forwardIndex = indexOf(filters, kernelY * channels, (filter, tap) => weightAt(filter, Math.floor(tap / channels), tap % channels));
  const forwardWeights = transformed(forwardIndex);

  const bandOf = (all: number) => Math.min(all, Math.max(1, Math.floor(BAND_BYTES / (points * 4 * rowBytes))));
  const below = (of: Plane, row: number): Plane => ({ ...of, at: of.at + row * of.row });

  /** Four channels of a few rows at a time. */
  function inBands(
    first: number,
    count: number,
    all: number,
    work: (channel: number, count: number, row: number, rows: number) => readonly Command[],
  ): Command {
    const commands: Command[] = [];
    const band = bandOf(all);
    for (let channel = first; channel < first + count; channel += 4) {
      for (let row = 0; row < all; row += band)
        commands.push(...work(channel, Math.min(4, first + count - channel), row, Math.min(band, all - row)));
    }
    return commands.flat();
  }

  const made = products(4, bandOf(Math.max(rows, height)));
  type Factor = { readonly planes: Products; readonly taps: number; readonly rowTaps: number; readonly weights: Weights };
  /** All products of some channels and rows, in `made`. */
  const multiply = ({ planes, taps, rowTaps, weights }: Factor, channel: number, count: number, row: number, many: number) =>
    Array.from({ length: points }, (_, point) =>
      command('convolve', {
        ...PLAIN,
        output: made.at + point * made.point,
        outputChannel: made.channel,
        outputRow: 0,
        outputColumn: PIXEL,
        input: planes.at + point * planes.point + row * rowBytes,
        inputRow: 0,
        inputColumn: PIXEL,
        inputRows: 1,
        taps,
        kernelRows: 1,
        rowTaps,
        stride: 1,
        padTop: 0,
        weights: weights.at + point * weights.point + 4 * channel * rowTaps,
        bias: 0,
        channels: count,
        rows: 1,
        columns: many * tiles,
        relu: 0,
        sparse: none,
        starts: 0,
        values: 0,
      }),
    );

  // The gradient of the output: whole, with the rows of zeros that the input's gradient needs, or a band of it at a time.
  const whole = input.gradient !== undefined;
  const above = kernelY - 1 - window.padTop;
  const left = whole ? products(filters, height + kernelY - 1) : products(4, bandOf(rows));

  return {
    forward: (relu) => [
      {
        channels,
        reads: input.value,
        writes: entered,
        part: (first, count) =>
          command('winogradInput', {
            taps: kernelX,
            output: entered.at + first * entered.channel + window.padTop * rowBytes,
            outputChannel: entered.channel,
            outputPoint: entered.point,
            ...plane('input', input.value, first),
            none,
            padLeft: window.padLeft,
            channels: count,
            rows: height,
            columns: width,
            tiles,
          }),
      },
      {
        channels: filters,
        writes: output.value,
        part: (begin, total) =>
          inBands(begin, total, rows, (channel, count, row, many) => [
            ...multiply(
              { planes: entered, taps: enteredTaps, rowTaps: kernelY * channels, weights: forwardWeights },
              channel,
              count,
              row,
              many,
            ),
            command('winogradOutput', {
              taps: kernelX,
              ...plane('output', below(output.value, row), channel),
              input: made.at,
              inputChannel: made.channel,
              inputPoint: made.point,
              bias: slots.bias.at + 4 * channel,
              spill,
              channels: count,
              rows: many,
              columns,
              tiles,
              relu: Number(relu),
            }),
          ]),
      },
    ],

    learn() {
      const sumsPoint = Math.ceil((16 * forwardIndex.length) / 64) * 64;
      const sums = arena.allocate(points * sumsPoint);
      collect.push(
        command('winogradWeightsGradient', {
          taps: kernelX,
          sums: slots.weight.sums,
          input: sums,
          inputPoint: sumsPoint,
          index: forwardWeights.table,
          tap: 16 * channels,
          count: forwardIndex.length,
        }),
      );
      const multiply = (from: number, channel: number, count: number, row: number, many: number) =>
        Array.from({ length: points }, (_, point) =>
          command('convolveWeights', {
            gradient: from + point * left.point,
            gradientChannel: left.channel,
            gradientRow: 0,
            gradientColumn: PIXEL,
            input: entered.at + point * entered.point + row * rowBytes,
            inputRow: 0,
            inputColumn: PIXEL,
            inputRows: 1,
            taps: enteredTaps,
            kernelRows: 1,
            rowTaps: kernelY * channels,
            stride: 1,
            padTop: 0,
            sums: sums + point * sumsPoint + 16 * channel * kernelY * channels,
            biasSums: 0,
            channels: count,
            rows: 1,
            columns: many * tiles,
            rowsAtOnce: 1,
            sparse: none,
            starts: 0,
            allSums: 0,
            listRows: 0,
          }),
        );
      return [
        {
          channels: filters,
          reads: output.gradient,
          part: (begin, total) =>
            inBands(begin, total, rows, (channel, count, row, many) => {
              const at = whole ? below(left, above + row).at + channel * left.channel : left.at;
              const enter = command('winogradGradient', {
                taps: kernelX,
                output: at,
                outputChannel: left.channel,
                outputPoint: left.point,
                ...plane('gradient', below(output.gradient!, row), channel),
                biasSums: slots.bias.sums + 16 * channel,
                none,
                channels: count,
                rows: many,
                columns,
                tiles,
              });
              return [enter, ...multiply(at, channel, count, row, many)];
            }),
        },
      ];
    },

    backward(target) {
      // Input row y has tap ky from output row y + padTop - ky, which lies kernelY - 1 - ky below row y of `left`.
      const taps = tapsOf(left, filters);
      const weights = transformed(
        indexOf(channels, kernelY * filters, (channel, tap) => weightAt(tap % filters, kernelY - 1 - Math.floor(tap / filters), channel)),
      );
      return [
        {
          channels,
          writes: target,
          part: (begin, total) =>
            inBands(begin, total, height, (channel, count, row, many) => [
              ...multiply({ planes: left, taps, rowTaps: kernelY * filters, weights }, channel, count, row, many),
              command('winogradInputGradient', {
                taps: kernelX,
                ...plane('output', below(target, row), channel),
                input: made.at,
                inputChannel: made.channel,
                inputPoint: made.point,
                ...maskOf({ ...input, value: below(input.value, row) }, channel),
                padLeft: window.padLeft,
                channels: count,
                rows: many,
                columns: width,
                tiles,
              }),
            ]),
        },
      ];
    },
  };
}
