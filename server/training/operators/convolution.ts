import { elements, type Shape } from '../../network/shape.ts';
import { slide, type Window } from '../../network/window.ts';
import { PIXEL, type Plane } from '../arena.ts';
import { command } from '../encode.ts';
import { extent, type Packing, plane, type Step, type TrainingOperator, type Wiring } from './operator.ts';
import { overhang, phases } from './phases.ts';

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
            }),
        });
      }
    }
    return steps;
  },
};

/** A convolution of one pixel: every input value is a tap. */
export const dense: TrainingOperator<'dense'> = {
  pack: ([units, inputs]) => packTiles(units, inputs),

  forward(site, { relu }) {
    const { layer, inputs, output, slots } = site;
    const taps = elements(inputs[0].shape);
    return [
      {
        channels: layer.units,
        writes: output.value,
        part: (first, count) =>
          command('convolve', {
            ...plane('output', output.value, first),
            outputColumn: PIXEL,
            ...PLAIN,
            input: inputs[0].value.at,
            ...onePixel(valueTable(site), taps),
            weights: slots.weight.at + 4 * first * taps,
            bias: slots.bias.at + 4 * first,
            channels: count,
            relu: Number(relu),
          }),
      },
    ];
  },

  learn(site) {
    const { layer, inputs, output, slots } = site;
    const taps = elements(inputs[0].shape);
    const weights: Step = {
      channels: layer.units,
      reads: output.gradient,
      part: (first, count) =>
        command('convolveWeights', {
          ...plane('gradient', output.gradient!, first),
          gradientColumn: PIXEL,
          input: inputs[0].value.at,
          ...onePixel(valueTable(site), taps),
          sums: slots.weight.sums + 16 * first * taps,
          channels: count,
          rowsAtOnce: 1,
        }),
    };
    return [biasStep(site), weights];
  },

  backward(site, _index, target) {
    const { layer, inputs, output, arena } = site;
    const [input] = inputs;
    const offsets = valueOffsets(input.shape, target);
    const taps = Int32Array.from({ length: layer.units }, (_, unit) => unit * output.gradient!.channel);
    const weights = turned(
      site,
      offsets.length,
      Array.from(taps, (_, unit) => (value: number) => tileIndex(unit, value, offsets.length)),
    );
    const fields = {
      output: target.at,
      outputChannel: 0,
      outputRow: 0,
      outputColumn: PIXEL,
      outputTable: arena.place(offsets),
      input: output.gradient!.at,
      ...onePixel(arena.place(taps), layer.units),
      weights,
      bias: 0,
      mask: input.relu ? input.value.at : 0,
      maskChannel: 0,
      maskRow: 0,
      maskColumn: PIXEL,
      maskTable: input.relu ? valueTable(site) : 0,
      channels: offsets.length,
      relu: 0,
    };
    return [{ channels: 1, part: () => command('convolve', fields) }];
  },
};

/** Adds the gradient of a bias: the sums of the output's gradient. */
export function biasStep({ output, slots }: Wiring): Step {
  return {
    channels: output.shape.channels,
    reads: output.gradient,
    part: (first, count) =>
      command('bias', {
        ...plane('gradient', output.gradient!, first),
        sums: slots.bias.sums + 16 * first,
        channels: count,
        ...extent(output.shape),
      }),
  };
}

export function windowOf(
  layer: { kernel: readonly [number, number]; stride: readonly [number, number]; padding: 'same' | 'valid' },
  input: Shape,
): Window {
  const window = slide(input, layer.kernel, layer.stride, layer.padding);
  if (typeof window === 'string') throw new Error(window);
  return window;
}

export function windowHalo(window: Window, input: Shape): { input: number; gradient: number } {
  const right = (window.columns - 1) * window.strideX + window.kernelX - 1 - window.padLeft - (input.width - 1);
  const gradient = overhang(phases(window.kernelX, window.strideX, window.padLeft, input.width), window.columns);
  return { input: Math.max(0, window.padLeft, right), gradient };
}

const ALL_ROWS = 1 << 28;
/** A convolution without tables and without a mask. */
const PLAIN = { outputTable: 0, mask: 0, maskChannel: 0, maskRow: 0, maskColumn: PIXEL, maskTable: 0 };

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

const onePixel = (taps: number, count: number) => ({
  inputRow: 0,
  inputColumn: PIXEL,
  inputRows: 1,
  taps,
  kernelRows: 1,
  rowTaps: count,
  stride: 1,
  padTop: 0,
  rows: 1,
  columns: 1,
});

const valueTable = ({ inputs: [input], table }: Wiring): number => table('taps', () => valueOffsets(input.shape, input.value));

/** The byte offsets of a map's values, in height, width, channel order. */
function valueOffsets(shape: Shape, { channel, row }: Plane): Int32Array {
  const offsets: number[] = [];
  for (let y = 0; y < shape.height; y++) {
    for (let x = 0; x < shape.width; x++) for (let c = 0; c < shape.channels; c++) offsets.push(c * channel + y * row + x * PIXEL);
  }
  return Int32Array.from(offsets);
}

/** Weights lie as [output channel / 4][tap][4]. */
const tileIndex = (channel: number, tap: number, taps: number): number => ((channel >> 2) * taps + tap) * 4 + (channel & 3);

function packTiles(channels: number, taps: number): Packing {
  const index = Int32Array.from({ length: channels * taps }, (_, i) => tileIndex(Math.floor(i / taps), i % taps, taps));
  return { size: Math.ceil(channels / 4) * 4 * taps, index };
}

/** A second copy of the weights, packed for the input gradient, which is refreshed before each step; returns its address. */
function turned({ slots, arena, prepare }: Wiring, channels: number, sources: readonly ((channel: number) => number)[]): number {
  const index = new Int32Array(Math.ceil(channels / 4) * 4 * sources.length).fill(-1);
  for (let channel = 0; channel < channels; channel++) {
    sources.forEach((source, tap) => {
      index[tileIndex(channel, tap, sources.length)] = source(channel);
    });
  }
  const output = arena.allocate(index.byteLength);
  prepare.push(command('permute', { output, input: slots.weight.at, index: arena.place(index), count: index.length }));
  return output;
}

const product = (extents: readonly number[]): number => extents.reduce((total, each) => total * each, 1);
