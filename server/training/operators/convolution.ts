import type { Shape } from '../../network/shape.ts';
import type { Window } from '../../network/window.ts';
import { PIXEL, type Plane } from '../arena.ts';
import { type Command, command } from '../encode.ts';
import { plane, type Site, type Step, type TrainingOperator, type Wiring } from './operator.ts';
import { type Class, classes, classesOf, phases } from './phases.ts';
import { everyRow, horizontal, vertical, windowHalo, windowOf } from './sliding.ts';
import { sparseTaps } from './sparse.ts';
import { PLAIN, packTiles, tileIndex, turned, valueOffsets } from './tiles.ts';
import { winogradCost } from './winograd/cost.ts';
import { type Winograd, winograd } from './winograd/winograd.ts';

/** What one step's slice of the gradients may take of the nearest cache. */
const CHUNK_BYTES = 20480;

/**
 * By Winograd's products where they pay, and while not so many weights are masked that leaving those out pays more; else tap by tap.
 * Evaluation goes tap by tap, so that it gives the same bits whatever is masked.
 */
export const conv2d: TrainingOperator<'conv2d'> = {
  halo: (layer, input) => windowHalo(windowOf(layer, input), input),

  pack: ([filters, ...taps]) => packTiles(filters, product(taps)),

  forward(site, mode) {
    const [fast, flag] = fastOf(site);
    if (!fast || mode.inference) return direct.forward(site, mode);
    const [enter, multiply] = fast.forward(mode.relu);
    const [tapByTap] = direct.forward(site, mode);
    return [unless(flag, enter), unless(flag, multiply, tapByTap)];
  },

  learn(site) {
    const [fast, flag] = fastOf(site);
    if (!fast) return direct.learn!(site);
    const [first, ...others] = direct.learn!(site);
    return [unless(flag, fast.learn(), first), ...others.map((step) => unless(flag, undefined, step))];
  },

  backward(site, index, target) {
    const [fast, flag] = fastOf(site);
    const tapByTap = direct.backward(site, index, target);
    return fast ? [unless(flag, fast.backward(target), tapByTap[0])] : tapByTap;
  },
};

/** What a site computes by Winograd's products, and the address of the word that is set while it does not. */
function fastOf(site: Site<'conv2d'>): [Winograd | undefined, number] {
  const window = windowOf(site.layer, site.inputs[0].shape);
  const { direct } = forwardTaps(site, window);
  return [costOf(site) < 1 ? site.once('winograd', () => winograd(site)) : undefined, direct];
}

/** The time of a site, that of going tap by tap taken for 1. */
function costOf({ layer, inputs: [{ shape }], exact }: Site<'conv2d'>): number {
  return exact ? 1 : Math.min(1, winogradCost(windowOf(layer, shape), shape.channels, layer.filters));
}

/** The first step while the word at `flag` is not set, the second while it is. */
function unless(flag: number, first?: Step, second?: Step): Step {
  const skipping = (set: number, step: Step | undefined, at: number, count: number): Command => {
    if (!step) return [];
    const commands = step.part(at, count);
    return [...command('skip', { flag, set, bytes: 4 * commands.length }), ...commands];
  };
  return { ...(first ?? second)!, part: (at, count) => [...skipping(1, first, at, count), ...skipping(0, second, at, count)] };
}

const direct: TrainingOperator<'conv2d'> = {
  forward(site, { relu }) {
    const { layer, inputs, output, slots } = site;
    const [input] = inputs;
    const window = windowOf(layer, input.shape);
    const kernel = kernelOf(site, window);
    const sparse = forwardTaps(site, window);
    return classes(window.rows, vertical(window, input.shape)).map(({ first: row, every, count: rows, from, ...reads }) => ({
      channels: layer.filters,
      writes: output.value,
      part: (first, count) =>
        command('convolve', {
          ...plane('output', everyRow(output.value, row, every), first),
          ...read(everyRow(input.value, from, window.dilationY), window),
          ...kernel,
          ...PLAIN,
          rows,
          columns: window.columns,
          outputColumn: PIXEL,
          inputRows: reads.rows,
          stride: reads.stride,
          padTop: reads.pad,
          weights: slots.weight.at + 4 * first * kernel.kernelRows * kernel.rowTaps,
          bias: slots.bias.at + 4 * first,
          channels: count,
          relu: Number(relu),
          ...sparse.of(first),
        }),
    }));
  },

  learn(site) {
    const { inputs } = site;
    const window = windowOf(site.layer, inputs[0].shape);
    return classes(window.rows, vertical(window, inputs[0].shape)).flatMap((each) => learnClass(site, window, each));
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
    for (const down of phases(vertical(window, input.shape))) {
      for (const right of phases(horizontal(window, input.shape))) {
        const offsets: number[] = [];
        const columns: number[] = [];
        const sources: ((channel: number) => number)[] = [];
        down.taps.forEach((ky, row) => {
          right.taps.forEach((kx, column) => {
            for (let filter = 0; filter < layer.filters; filter++) {
              offsets.push(filter * gradient.channel + row * gradient.row * down.step + column * right.step * PIXEL);
              columns.push(column * right.step - right.before);
              sources.push((channel) => tileIndex(filter, (ky * window.kernelX + kx) * channels + channel, taps));
            }
          });
        });
        const weights = turned(site, channels, sources);
        const list = { channels, rows: down.taps.length, offsets, columns, width: window.columns, sources, cost: costOf(site) };
        const sparse = sparseTaps(site, list);
        const table = arena.place(Int32Array.from(offsets));
        for (const { first: row, every, count: rows, from, ...reads } of classesOf(down, window.rows)) {
          const at = (p: Plane): Plane => {
            const phase = everyRow(p, down.phase + row * window.strideY, every * window.strideY);
            return { ...phase, at: phase.at + right.phase * PIXEL };
          };
          const mask = input.relu ? at(input.value) : undefined;
          steps.push({
            channels,
            writes: target,
            part: (first, count) =>
              command('convolve', {
                ...plane('output', at(target), first),
                outputColumn: window.strideX * PIXEL,
                ...PLAIN,
                input: gradient.at + from * gradient.row - right.before * PIXEL,
                inputRow: gradient.row * down.step,
                inputColumn: PIXEL,
                inputRows: reads.rows,
                taps: table,
                kernelRows: down.taps.length,
                rowTaps: right.taps.length * layer.filters,
                stride: 1,
                padTop: reads.pad,
                weights: weights + 4 * first * offsets.length,
                bias: 0,
                ...(mask && { ...plane('mask', mask, first), maskColumn: window.strideX * PIXEL }),
                channels: count,
                rows,
                columns: right.count,
                relu: 0,
                ...sparse.of(first),
              }),
          });
        }
      }
    }
    return steps;
  },
};

function learnClass(site: Site<'conv2d'>, window: Window, { first: row, every, count, from, ...reads }: Class): Step[] {
  const { layer, inputs, output, slots } = site;
  const gradient = everyRow(output.gradient!, row, every);
  const { columns, kernelY } = window;
  // Rows whose windows lie inside the input take all taps in one list; those at the edges go by kernel row.
  const top = Math.max(0, Math.min(count, Math.ceil(reads.pad / reads.stride)));
  const inside = Math.floor((reads.rows - kernelY + reads.pad) / reads.stride) + 1;
  const bottom = Math.max(top, Math.min(count, inside));
  const kernel = kernelOf(site, window);
  const sparse = forwardTaps(site, window);
  const part = (begin: number, end: number, flat: boolean): Step => ({
    channels: layer.filters,
    reads: output.gradient,
    part: (first, count) =>
      command('convolveWeights', {
        ...plane('gradient', { ...gradient, at: gradient.at + begin * gradient.row }, first),
        ...read(everyRow(inputs[0].value, from, window.dilationY), window),
        taps: kernel.taps,
        stride: reads.stride,
        gradientColumn: PIXEL,
        kernelRows: flat ? 1 : kernel.kernelRows,
        rowTaps: flat ? kernel.kernelRows * kernel.rowTaps : kernel.rowTaps,
        padTop: reads.pad - begin * reads.stride,
        inputRows: flat ? ALL_ROWS : reads.rows,
        sums: slots.weight.sums + 16 * first * kernel.kernelRows * kernel.rowTaps,
        biasSums: slots.bias.sums + 16 * first,
        channels: count,
        rows: end - begin,
        columns,
        rowsAtOnce: Math.max(1, Math.min(end - begin, Math.floor(CHUNK_BYTES / (4 * columns * PIXEL)))),
        ...sparse.sumsOf(first),
      }),
  });
  return [
    ...(bottom > top ? [part(top, bottom, true)] : []),
    ...(top > 0 ? [part(0, top, false)] : []),
    ...(count > bottom ? [part(bottom, count, false)] : []),
  ];
}

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
    taps: table('taps', () => tapOffsets(window, shape, value)),
    kernelRows: window.kernelY,
    rowTaps: window.kernelX * shape.channels,
  };
}

function forwardTaps(site: Site<'conv2d'>, window: Window) {
  const { layer, inputs } = site;
  const [{ shape, value }] = inputs;
  const offsets = tapOffsets(window, shape, value);
  const sources = Array.from(offsets, (_, tap) => (filter: number) => tileIndex(filter, tap, offsets.length));
  const columns = Array.from(offsets, (_, tap) => (Math.floor(tap / shape.channels) % window.kernelX) * window.dilationX - window.padLeft);
  const kernel = { channels: layer.filters, rows: window.kernelY, offsets, columns, width: shape.width, sources };
  return site.once('sparse', () => sparseTaps(site, { ...kernel, cost: costOf(site) }));
}

/** The byte offsets of the taps of a window, in kernel row, kernel column, channel order. */
const tapOffsets = ({ kernelY, kernelX, dilationY, dilationX }: Window, { channels }: Shape, value: Plane): Int32Array =>
  valueOffsets({ height: kernelY, width: kernelX, channels }, { ...value, row: value.row * dilationY }, PIXEL * dilationX);

const product = (extents: readonly number[]): number => extents.reduce((total, each) => total * each, 1);
