import { BATCH_NORM_EPSILON } from '../../network/network.ts';
import { LANES } from '../arena.ts';
import type { Maps, Tensor, Tensorflow } from './library.ts';

/** Means and variances of blocks of samples, in order: [blocks, channels]. */
export type Moments = { readonly mean: Float32Array; readonly variance: Float32Array };

type Affine = { readonly gamma: Tensor; readonly beta: Tensor };

/** With given moments. */
export function normalise(tf: Tensorflow, x: Maps, { gamma, beta }: Affine, { mean, variance }: Moments): Maps {
  const factor = tf.div(gamma, tf.sqrt(tf.add(tf.tensor1d(variance.slice()), BATCH_NORM_EPSILON)));
  return tf.add(tf.mul(tf.sub(x, tf.tensor1d(mean.slice())), factor), beta);
}

/**
 * With the moments of each block of 16 samples, or of those left over at the end: ghost batch normalisation (Hoffer et al. 2017), with the
 * blocks of the first engine.
 */
export function normaliseBlocks(tf: Tensorflow, x: Maps, affine: Affine): { output: Maps; moments: Moments } {
  const [count, rows, columns, channels] = x.shape;
  const whole = count - (count % LANES);
  const parts: { output: Tensor; moments: Moments }[] = [];
  const normalisePart = (first: number, samples: number, blocks: number) => {
    const part = samples === count ? x : tf.slice(x, [first, 0, 0, 0], [samples, rows, columns, channels]);
    parts.push(normaliseRows(tf, tf.reshape(part, [blocks, -1, channels]), affine));
  };
  if (whole > 0) normalisePart(0, whole, whole / LANES);
  if (whole < count) normalisePart(whole, count - whole, 1);
  const outputs = parts.map(({ output }) => tf.reshape(output, [-1, rows, columns, channels]));
  const all = (moment: keyof Moments) => Float32Array.from(parts.flatMap(({ moments }) => [...moments[moment]]));
  return {
    output: (outputs.length === 1 ? outputs[0] : tf.concat(outputs, 0)) as Maps,
    moments: { mean: all('mean'), variance: all('variance') },
  };
}

/** Each block of [blocks, values, channels] with its own moments. */
function normaliseRows(tf: Tensorflow, x: Tensor, { gamma, beta }: Affine): { output: Tensor; moments: Moments } {
  const mean = tf.mean(x, 1, true);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), 1, true);
  const factor = tf.div(gamma, tf.sqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  return {
    output: tf.add(tf.mul(centred, factor), beta),
    moments: { mean: mean.dataSync() as Float32Array, variance: variance.dataSync() as Float32Array },
  };
}

/** Lets running moments follow those of blocks, the first of which is number `first`, counted from 1; as the first engine does. */
export function follow(running: Moments, blocks: Moments, first: number): void {
  const channels = running.mean.length;
  for (let i = 0; i < blocks.mean.length; i++) {
    const channel = i % channels;
    const share = Math.max(1 / (first + Math.floor(i / channels)), 1 / MOMENT_BLOCKS);
    const shift = blocks.mean[i] - running.mean[channel];
    running.mean[channel] += share * shift;
    running.variance[channel] = (1 - share) * (running.variance[channel] + share * shift * shift) + share * blocks.variance[i];
  }
}

/** Running moments are those of about this many last blocks. */
const MOMENT_BLOCKS = 64;
