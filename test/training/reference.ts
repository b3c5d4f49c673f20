import type { InputEncoding, Samples } from '../../server/dataset/dataset.ts';
import { BATCH_NORM_EPSILON, INPUT, type Layer, type Network, type Parameters } from '../../server/network/network.ts';
import { Tape } from './tape.ts';
import { mapTensors } from './tensors.ts';

/** A map of scalars on a tape for each sample of a block: [sample][row][column][channel]. */
type Maps = number[][][][];
type Weights = { [layer: string]: { [tensor: string]: number[] } };

export type ReferenceResult = {
  loss: number;
  /** By layer and tensor, laid out like the parameters. */
  gradients(): { [layer: string]: { [tensor: string]: Float64Array } };
  logits: number[][];
  /** Every layer's values of all samples. */
  values: Map<string, number[]>;
};

/** What the network computes over those samples in float64, written after the definitions, with gradients by tape. */
export function reference(
  network: Network,
  parameters: Parameters,
  encoding: InputEncoding,
  samples: Samples,
  indices: readonly number[],
  mode: 'train' | 'infer' = 'train',
): ReferenceResult {
  const tape = new Tape();
  const weights: Weights = mapTensors(parameters, (values) => Array.from(values, (value) => tape.constant(value)));
  const losses: number[] = [];
  const logits: number[][] = [];
  const values = new Map<string, number[]>(network.layers.map(({ name }) => [name, []]));
  for (let first = 0; first < indices.length; first += 16) {
    const block = indices.slice(first, first + 16);
    const maps = new Map<string, Maps>([[INPUT, block.map((index) => inputMap(tape, encoding, samples, index))]]);
    for (const layer of network.layers) {
      const inputs = layer.inputs.map((name) => maps.get(name)!);
      maps.set(layer.name, applyLayer(tape, layer, inputs, weights[layer.name] ?? {}, mode));
      values.get(layer.name)!.push(...maps.get(layer.name)!.flat(3).map(tape.value));
    }
    const last = maps.get(network.layers[network.layers.length - 1].name)!;
    block.forEach((index, n) => {
      const row = last[n][0][0];
      logits.push(row.map(tape.value));
      losses.push(crossEntropy(tape, row, samples.labels[index]));
    });
  }
  const loss = tape.scale(tape.sum(losses), 1 / indices.length);
  function gradients() {
    const gradient = tape.gradient(loss);
    return mapTensors(weights, (scalars) => Float64Array.from(scalars, (scalar) => gradient[scalar]));
  }
  return { loss: tape.value(loss), gradients, logits, values };
}

function inputMap(tape: Tape, { zeroPoint, deviation }: InputEncoding, { x, shape }: Samples, index: number): number[][][] {
  const { height, width, channels } = shape;
  return table(height, width, channels, (row, column, channel) =>
    tape.constant((x[((index * height + row) * width + column) * channels + channel] - zeroPoint) / deviation),
  );
}

function crossEntropy(tape: Tape, logits: number[], label: number): number {
  const most = Math.max(...logits.map(tape.value));
  const shifted = logits.map((logit) => tape.add(logit, tape.constant(-most)));
  return tape.add(tape.log(tape.sum(shifted.map((each) => tape.exp(each)))), tape.scale(shifted[label], -1));
}

const table = <Item>(
  height: number,
  width: number,
  channels: number,
  item: (row: number, column: number, channel: number) => Item,
): Item[][][] =>
  Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => Array.from({ length: channels }, (_, channel) => item(row, column, channel))),
  );

function applyLayer(tape: Tape, layer: Layer, inputs: Maps[], weights: Weights[string], mode: 'train' | 'infer'): Maps {
  if (layer.op === 'batchNorm') return normalised(tape, inputs[0], weights, mode);
  return inputs[0].map((_, n) =>
    applyToOne(
      tape,
      layer,
      inputs.map((maps) => maps[n]),
      weights,
    ),
  );
}

function applyToOne(
  tape: Tape,
  layer: Exclude<Layer, { op: 'batchNorm' }>,
  inputs: number[][][][],
  weights: Weights[string],
): number[][][] {
  const [map] = inputs;
  const [height, width, channels] = [map.length, map[0].length, map[0][0].length];
  switch (layer.op) {
    case 'conv2d':
      return windows(map, layer, layer.filters, (taps, filter) => {
        const products = taps.flatMap(({ ky, kx, pixel }) =>
          pixel.map((x, channel) =>
            tape.multiply(x, weights.weight[((filter * layer.kernel[0] + ky) * layer.kernel[1] + kx) * channels + channel]),
          ),
        );
        return tape.add(tape.sum(products), weights.bias[filter]);
      });
    case 'depthwise':
      return windows(map, layer, channels, (taps, channel) => {
        const products = taps.map(({ ky, kx, pixel }) =>
          tape.multiply(pixel[channel], weights.weight[(ky * layer.kernel[1] + kx) * channels + channel]),
        );
        return tape.add(tape.sum(products), weights.bias[channel]);
      });
    case 'maxPool':
      return windows(map, layer, channels, (taps, channel) => taps.map(({ pixel }) => pixel[channel]).reduce((x, y) => tape.larger(x, y)));
    case 'averagePool':
      return windows(map, layer, channels, (taps, channel) =>
        tape.scale(tape.sum(taps.map(({ pixel }) => pixel[channel])), 1 / (layer.kernel[0] * layer.kernel[1])),
      );
    case 'globalMaxPool':
      return [
        [
          table(1, 1, channels, (_r, _c, channel) =>
            map
              .flat()
              .map((pixel) => pixel[channel])
              .reduce((x, y) => tape.larger(x, y)),
          )[0][0],
        ],
      ];
    case 'globalAveragePool':
      return table(1, 1, channels, (_r, _c, channel) =>
        tape.scale(tape.sum(map.flat().map((pixel) => pixel[channel])), 1 / (height * width)),
      );
    case 'dense': {
      const vector = map.flat(2);
      return table(1, 1, layer.units, (_r, _c, unit) =>
        tape.add(tape.sum(vector.map((x, i) => tape.multiply(x, weights.weight[unit * vector.length + i]))), weights.bias[unit]),
      );
    }
    case 'relu':
      return table(height, width, channels, (row, column, channel) => {
        const rectified = tape.larger(tape.constant(0), map[row][column][channel]);
        return layer.max === undefined ? rectified : tape.smaller(tape.constant(layer.max), rectified);
      });
    case 'add':
      return table(height, width, channels, (row, column, channel) => tape.sum(inputs.map((each) => each[row][column][channel])));
    case 'concat':
      return table(height, width, 1, (row, column) => inputs.flatMap((each) => each[row][column])).map((row) =>
        row.map(([pixel]) => pixel),
      );
    case 'flatten':
      return [[map.flat(2)]];
  }
}

type Tap = { ky: number; kx: number; pixel: number[] };
type Sliding = {
  kernel: readonly [number, number];
  stride: readonly [number, number];
  padding: 'same' | 'valid';
  dilation?: readonly [number, number];
};

/** Calls `value` with the taps of every window that lie inside the map. */
function windows(map: number[][][], layer: Sliding, channels: number, value: (taps: Tap[], channel: number) => number): number[][][] {
  const [down, right] = layer.dilation ?? [1, 1];
  const rows = starts(map.length, down * (layer.kernel[0] - 1) + 1, layer.stride[0], layer.padding);
  const columns = starts(map[0].length, right * (layer.kernel[1] - 1) + 1, layer.stride[1], layer.padding);
  return rows.map((top) =>
    columns.map((left) => {
      const taps: Tap[] = [];
      for (let ky = 0; ky < layer.kernel[0]; ky++) {
        for (let kx = 0; kx < layer.kernel[1]; kx++) {
          const pixel = map[top + ky * down]?.[left + kx * right];
          if (pixel) taps.push({ ky, kx, pixel });
        }
      }
      return Array.from({ length: channels }, (_, channel) => value(taps, channel));
    }),
  );
}

/** Where the windows start along one axis; TensorFlow's `same` puts the odd pixel of padding at the end. */
function starts(size: number, kernel: number, stride: number, padding: 'same' | 'valid'): number[] {
  const all: number[] = [];
  if (padding === 'valid') for (let at = 0; at + kernel <= size; at += stride) all.push(at);
  else {
    const count = Math.ceil(size / stride);
    const missing = Math.max(0, (count - 1) * stride + kernel - size);
    for (let i = 0; i < count; i++) all.push(i * stride - Math.floor(missing / 2));
  }
  return all;
}

function normalised(tape: Tape, maps: Maps, { gamma, beta, mean, variance }: Weights[string], mode: 'train' | 'infer'): Maps {
  const channels = maps[0][0][0].length;
  const moments = Array.from({ length: channels }, (_, channel) => {
    if (mode === 'infer') return { mean: mean[channel], variance: variance[channel] };
    const values = maps.flat(2).map((pixel) => pixel[channel]);
    const centre = tape.scale(tape.sum(values), 1 / values.length);
    const squares = values.map((x) => tape.power(tape.add(x, tape.scale(centre, -1)), 2));
    return { mean: centre, variance: tape.scale(tape.sum(squares), 1 / values.length) };
  });
  const factors = moments.map(({ variance }, channel) =>
    tape.multiply(gamma[channel], tape.power(tape.add(variance, tape.constant(BATCH_NORM_EPSILON)), -0.5)),
  );
  return maps.map((map) =>
    map.map((row) =>
      row.map((pixel) =>
        pixel.map((x, channel) =>
          tape.add(tape.multiply(tape.add(x, tape.scale(moments[channel].mean, -1)), factors[channel]), beta[channel]),
        ),
      ),
    ),
  );
}
