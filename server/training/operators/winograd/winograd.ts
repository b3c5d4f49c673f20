import { PIXEL, type Plane } from '../../arena.ts';
import { command } from '../../encode.ts';
import { maskOf, plane, type Site, type Step } from '../operator.ts';
import { windowOf } from '../sliding.ts';
import { PLAIN } from '../tiles.ts';
import { type Band, layoutOf, type Products, type Weights } from './products.ts';

export type Winograd = {
  forward(relu: boolean): Step[];
  learn(): Step;
  backward(target: Plane): Step;
};

/**
 * A convolution whose rows are computed by Winograd's products. Each product is itself a convolution, of the kernel's rows and one column,
 * over planes without borders, by the kernels that there are.
 */
export function winograd(site: Site<'conv2d'>): Winograd {
  const { layer, inputs, output, slots, arena, collect } = site;
  const [input] = inputs;
  const window = windowOf(layer, input.shape);
  const { channels, height, width } = input.shape;
  const { filters } = layer;
  const { kernelY, kernelX, rows, columns } = window;
  const layout = layoutOf(site, window);
  const { points, tiles, rowBytes, bandOf, inBands } = layout;
  const none = arena.allocate(PIXEL);
  const spill = arena.allocate(PIXEL);
  /** The input, with the rows of zeros that pad it. */
  const entered = layout.products(channels, rows + kernelY - 1);
  const enteredTaps = layout.taps(entered, channels);
  const forwardWeights = layout.forward();
  /** The gradient of the output: whole, below the rows of zeros that the input's gradient needs, or a band of it at a time. */
  const whole = input.gradient !== undefined;
  const left = whole ? layout.products(filters, height + kernelY - 1) : layout.products(4, bandOf(rows));
  const above = kernelY - 1 - window.padTop;
  /** All products of a band, before they are put together. */
  const made = layout.products(4, bandOf(Math.max(rows, height)));
  const pixels = { kernelRows: 1, stride: 1, padTop: 0, rows: 1, inputRow: 0, inputRows: 1, inputColumn: PIXEL };

  type Factors = { readonly planes: Products; readonly taps: number; readonly read: number; readonly weights: Weights };
  const multiply = ({ planes, taps, read, weights }: Factors, band: Band) =>
    Array.from({ length: points }, (_, point) =>
      command('convolve', {
        ...PLAIN,
        ...pixels,
        output: made.at + point * made.point,
        outputChannel: made.channel,
        outputRow: 0,
        outputColumn: PIXEL,
        input: planes.at + point * planes.point + band.row * rowBytes,
        taps,
        rowTaps: kernelY * read,
        weights: weights.at + point * weights.point + 4 * band.channel * kernelY * read,
        bias: 0,
        channels: band.channels,
        columns: band.rows * tiles,
        relu: 0,
        sparse: none,
        starts: 0,
        values: 0,
      }),
    );

  /** Adds the gradients of transformed weights, of which every product has `point` bytes from `sums` on. */
  const multiplyGradient = (gradient: number, sums: number, point: number, band: Band) =>
    Array.from({ length: points }, (_, product) =>
      command('convolveWeights', {
        ...pixels,
        gradient: gradient + product * left.point,
        gradientChannel: left.channel,
        gradientRow: 0,
        gradientColumn: PIXEL,
        input: entered.at + product * entered.point + band.row * rowBytes,
        taps: enteredTaps,
        rowTaps: kernelY * channels,
        sums: sums + product * point + 16 * band.channel * kernelY * channels,
        biasSums: 0,
        channels: band.channels,
        columns: band.rows * tiles,
        rowsAtOnce: 1,
        sparse: none,
        starts: 0,
        allSums: 0,
        listRows: 0,
      }),
    );

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
        part: (first, count) =>
          inBands(first, count, rows, (band) => [
            ...multiply({ planes: entered, taps: enteredTaps, read: channels, weights: forwardWeights }, band),
            command('winogradOutput', {
              taps: kernelX,
              ...plane('output', below(output.value, band.row), band.channel),
              input: made.at,
              inputChannel: made.channel,
              inputPoint: made.point,
              bias: slots.bias.at + 4 * band.channel,
              spill,
              channels: band.channels,
              rows: band.rows,
              columns,
              tiles,
              relu: Number(relu),
            }),
          ]),
      },
    ],

    learn() {
      const { table, count: weights } = forwardWeights;
      const point = 16 * weights;
      const sums = arena.allocate(points * point);
      const into = { sums: slots.weight.sums, input: sums, inputPoint: point, index: table, tap: 16 * channels, count: weights };
      collect.push(command('winogradWeightsGradient', { taps: kernelX, ...into }));
      return {
        channels: filters,
        reads: output.gradient,
        part: (first, count) =>
          inBands(first, count, rows, (band) => {
            const gradient = whole ? below(left, above + band.row).at + band.channel * left.channel : left.at;
            const enter = command('winogradGradient', {
              taps: kernelX,
              output: gradient,
              outputChannel: left.channel,
              outputPoint: left.point,
              ...plane('gradient', below(output.gradient!, band.row), band.channel),
              biasSums: slots.bias.sums + 16 * band.channel,
              none,
              channels: band.channels,
              rows: band.rows,
              columns,
              tiles,
            });
            return [enter, ...multiplyGradient(gradient, sums, point, band)];
          }),
      };
    },

    backward(target) {
      const factors = { planes: left, taps: layout.taps(left, filters), read: filters, weights: layout.backward() };
      return {
        channels,
        writes: target,
        part: (first, count) =>
          inBands(first, count, height, (band) => [
            ...multiply(factors, band),
            command('winogradInputGradient', {
              taps: kernelX,
              ...plane('output', below(target, band.row), band.channel),
              input: made.at,
              inputChannel: made.channel,
              inputPoint: made.point,
              ...maskOf({ ...input, value: below(input.value, band.row) }, band.channel),
              padLeft: window.padLeft,
              channels: band.channels,
              rows: band.rows,
              columns: width,
              tiles,
            }),
          ]),
      };
    },
  };
}

const below = (of: Plane, row: number): Plane => ({ ...of, at: of.at + row * of.row });
