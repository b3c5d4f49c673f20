import type { Window } from '../../network/window.ts';
import { PIXEL, type Plane } from '../arena.ts';
import { command } from '../encode.ts';
import { biasStep } from './bias.ts';
import { extent, plane, type Site, type Step, type TrainingOperator, type Wiring } from './operator.ts';
import { phases } from './phases.ts';
import { windowHalo, windowOf } from './sliding.ts';
import { sparseTaps } from './sparse.ts';
import { PLAIN, packTiles, tileIndex, turned, valueOffsets } from './tiles.ts';

/** What one step's slice of the gradients may take of the nearest cache. */
const CHUNK_BYTES = 12288;

export const conv2d: TrainingOperator<'conv2d'> = {
  halo: (layer, input) => windowHalo(windowOf(layer, input), input),

  pack: ([filters, ...taps]) => packTiles(filters, product(taps)),

  forward(site, { relu }) {
    const { layer, inputs, output, slots } = site;
    const [input] = inputs;
    const window = windowOf(layer, input.shape);
    const kernel = kernelOf(site, window);
    const sparse = forwardTaps(site, window);
    return [
      {
        channels: layer.filters,
        writes: output.value,
        part: (first, count) =>
          command('convolve', {
            ...plane('output', output.value, first),
            ...read(input.value, window),
            ...kernel,
            ...PLAIN,
            ...extent(output.shape),
            outputColumn: PIXEL,
            inputRows: input.shape.height,
            weights: slots.weight.at + 4 * first * kernel.kernelRows * kernel.rowTaps,
            bias: slots.bias.at + 4 * first,
            channels: count,
            relu: Number(relu),
            ...sparse.of(first),
          }),
      },
    ];
  },

  learn(site) {
    const { layer, inputs, output } = site;
    const window = windowOf(layer, inputs[0].shape);
    const { columns, rows } = window;
    // Rows whose windows lie inside the input take all taps in one list; those at the edges go by kernel row.
    const top = Math.min(rows, Math.ceil(window.padTop / window.strideY));
    const inside = Math.floor((inputs[0].shape.height - window.kernelY + window.padTop) / window.strideY) + 1;
    const bottom = Math.max(top, Math.min(rows, inside));
    const kernel = kernelOf(site, window);
    const sparse = forwardTaps(site, window);
    const part = (from: number, to: number, flat: boolean): Step => ({
      channels: layer.filters,
      reads: output.gradient,
      part: (first, count) =>
        command('convolveWeights', {
          ...plane('gradient', { ...output.gradient!, at: output.gradient!.at + from * output.gradient!.row }, first),
          ...read(inputs[0].value, window),
          taps: kernel.taps,
          stride: window.strideY,
          gradientColumn: PIXEL,
          kernelRows: flat ? 1 : kernel.kernelRows,
          rowTaps: flat ? kernel.kernelRows * kernel.rowTaps : kernel.rowTaps,
          padTop: window.padTop - from * window.strideY,
          inputRows: flat ? ALL_ROWS : inputs[0].shape.height,
          sums: site.slots.weight.sums + 16 * first * kernel.kernelRows * kernel.rowTaps,
          channels: count,
          rows: to - from,
          columns,
          rowsAtOnce: Math.max(1, Math.min(to - from, Math.floor(CHUNK_BYTES / (4 * columns * PIXEL)))),
          ...sparse.sumsOf(first),
        }),
    });
    const steps = [biasStep(site)];
    if (bottom > top) steps.push(part(top, bottom, true));
    if (top > 0) steps.push(part(0, top, false));
    if (rows > bottom) steps.push(part(bottom, rows, false));
    return steps;
  },

  /** A convolution of the output's gradient, one for each phase of the stride, with the weights turned round. */
  backward(site, _index, target) {
    const { layer, inputs, output, arena } = site;
    const [input] = inputs;
    const gradient = output.gradient!;
    const window = windowOf(layer, input.shape);
    const channels = input.shape.channels;
    const taps = window.kernelY * window.kernelX * channels;
    const steps: Step[] = [];
    for (const vertical of phases(window.kernelY, window.strideY, window.padTop, input.shape.height)) {
      for (const horizontal of phases(window.kernelX, window.strideX, window.padLeft, input.shape.width)) {
        const offsets: number[] = [];
        const sources: ((channel: number) => number)[] = [];
        vertical.taps.forEach((ky, row) => {
          horizontal.taps.forEach((kx, column) => {
            for (let filter = 0; filter < layer.filters; filter++) {
              offsets.push(filter * gradient.channel + row * gradient.row + column * PIXEL);
              sources.push((channel) => tileIndex(filter, (ky * window.kernelX + kx) * channels + channel, taps));
            }
          });
        });
        const weights = turned(site, channels, sources);
        const sparse = sparseTaps(site, { channels, rows: vertical.taps.length, offsets, sources });
        const at = (p: Plane) => p.at + vertical.phase * p.row + horizontal.phase * PIXEL;
        const mask = input.relu ? { ...input.value, at: at(input.value) } : undefined;
        const table = arena.place(Int32Array.from(offsets));
        steps.push({
          channels,
          writes: target,
          part: (first, count) =>
            command('convolve', {
              ...plane('output', { ...target, at: at(target) }, first),
              outputRow: target.row * window.strideY,
              outputColumn: window.strideX * PIXEL,
              ...PLAIN,
              input: gradient.at - horizontal.before * PIXEL,
              inputRow: gradient.row,
              inputColumn: PIXEL,
              inputRows: window.rows,
              taps: table,
              kernelRows: vertical.taps.length,
              rowTaps: horizontal.taps.length * layer.filters,
              stride: 1,
              padTop: vertical.before,
              weights: weights + 4 * first * offsets.length,
              bias: 0,
              ...(mask && { ...plane('mask', mask, first), maskRow: mask.row * window.strideY, maskColumn: window.strideX * PIXEL }),
              channels: count,
              rows: vertical.count,
              columns: horizontal.count,
              relu: 0,
              ...sparse.of(first),
            }),
        });
      }
    }
    return steps;
  },
};

const ALL_ROWS = 1 << 28;
/** The input fields of a kernel that slides over a plane. */
const read = (value: Plane, window: Window) => ({
  input: value.at - window.padLeft * PIXEL,
  inputRow: value.row,
  inputColumn: window.strideX * PIXEL,
});

function kernelOf({ inputs, table }: Wiring, window: Window) {
  const [{ shape, value }] = inputs;
  return {
    taps: table('taps', () => valueOffsets({ height: window.kernelY, width: window.kernelX, channels: shape.channels }, value)),
    kernelRows: window.kernelY,
    rowTaps: window.kernelX * shape.channels,
    stride: window.strideY,
    padTop: window.padTop,
  };
}

function forwardTaps(site: Site<'conv2d'>, { kernelY, kernelX }: Window) {
  const { layer, inputs } = site;
  const [{ shape, value }] = inputs;
  const offsets = valueOffsets({ height: kernelY, width: kernelX, channels: shape.channels }, value);
  const sources = Array.from(offsets, (_, tap) => (filter: number) => tileIndex(filter, tap, offsets.length));
  return site.once('sparse', () => sparseTaps(site, { channels: layer.filters, rows: kernelY, offsets, sources }));
}

const product = (extents: readonly number[]): number => extents.reduce((total, each) => total * each, 1);
