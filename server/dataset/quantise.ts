import { elements, type Shape } from '../network/shape.ts';
import type { Values } from './array.ts';
import type { InputEncoding } from './dataset.ts';

/** How values become bytes: channel `c` of value `v` is `round((v - offset[c]) / scale[c])`, clamped to 0..255. */
export type Quantiser = NonNullable<InputEncoding['channels']>;

/**
 * The quantiser that spreads each channel's smallest to largest training value over 0..255. A channel with one value only becomes zeros.
 * Undefined for data whose training values are all whole numbers in 0..255: those are bytes already.
 */
export function fitQuantiser(values: Values, shape: Shape, samples: Uint32Array): Quantiser | undefined {
  if (values instanceof Uint8Array) return undefined;
  const { channels } = shape;
  const size = elements(shape);
  const min = new Array<number>(channels).fill(Number.POSITIVE_INFINITY);
  const max = new Array<number>(channels).fill(Number.NEGATIVE_INFINITY);
  let bytes = true;
  for (const sample of samples)
    for (let i = sample * size, channel = 0; i < (sample + 1) * size; i++) {
      const value = values[i];
      if (value < min[channel]) min[channel] = value;
      if (value > max[channel]) max[channel] = value;
      if (bytes && !(value >= 0 && value <= 255 && value === Math.floor(value))) bytes = false;
      if (++channel === channels) channel = 0;
    }
  if (bytes) return undefined;
  return { offset: min, scale: max.map((largest, channel) => (largest - min[channel]) / 255 || 1) };
}

/** The chosen samples as bytes [count, height, width, channels], in memory that threads can share. */
export function toBytes(values: Values, shape: Shape, samples: Uint32Array, quantiser?: Quantiser): Uint8Array {
  const size = elements(shape);
  const bytes = new Uint8Array(new SharedArrayBuffer(samples.length * size));
  for (let to = 0; to < samples.length; to++) {
    const from = values.subarray(samples[to] * size, (samples[to] + 1) * size);
    if (values instanceof Uint8Array) bytes.set(from, to * size);
    else quantise(from, bytes.subarray(to * size, (to + 1) * size), quantiser);
  }
  return bytes;
}

function quantise(from: Values, to: Uint8Array, { offset, scale }: Quantiser = { offset: [0], scale: [1] }): void {
  for (let i = 0, channel = 0; i < from.length; i++) {
    to[i] = Math.min(Math.max(Math.round((from[i] - offset[channel]) / scale[channel]), 0), 255);
    if (++channel === offset.length) channel = 0;
  }
}

/** Beyond any sensor, and far enough from infinity for the sums and differences taken here. */
export const LARGEST_VALUE = 1e30;

/** Where the first value lies that is not finite or too large, or -1. */
export const findUnusable = (values: Values): number =>
  values instanceof Float32Array || values instanceof Float64Array ? values.findIndex((value) => !(Math.abs(value) <= LARGEST_VALUE)) : -1;

/** Mean and standard deviation of bytes, from their exact histogram. */
export function statistics(bytes: Uint8Array): { mean: number; deviation: number } {
  const histogram = new Float64Array(256);
  for (const byte of bytes) histogram[byte]++;
  const mean = histogram.reduce((sum, seen, byte) => sum + seen * byte, 0) / bytes.length;
  const variance = histogram.reduce((sum, seen, byte) => sum + seen * (byte - mean) ** 2, 0) / bytes.length;
  return { mean, deviation: Math.sqrt(variance) };
}
