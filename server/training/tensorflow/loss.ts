import type { LossRecipe } from '../engine.ts';
import type { Scalar, Tensor, Tensorflow } from './library.ts';

/** How much of each sample is each class, [class][sample], and the samples' places among the training samples, by which a teacher knows them. */
export type Targets = { readonly shares: readonly Float32Array[]; readonly indices: Uint32Array };

/** The sum of the samples' losses. `logits` are [samples, classes]. */
export function sumOfLosses(tf: Tensorflow, recipe: LossRecipe, logits: Tensor, { shares, indices }: Targets): Scalar {
  const { kind = 'crossEntropy', smoothing = 0, classWeights, distillation } = recipe;
  const classes = logits.shape[1]!;
  const fill = (share: (sample: number, k: number) => number) =>
    tf.tensor2d(
      Float32Array.from({ length: indices.length * classes }, (_, i) => share(Math.floor(i / classes), i % classes)),
      [indices.length, classes],
    );
  const truth = fill((sample, k) => smoothing / classes + (1 - smoothing) * shares[k][sample]);
  let losses = kind === 'meanSquare' ? meanSquare(tf, logits, truth) : crossEntropy(tf, logits, truth);
  if (distillation) {
    const { teacher, temperature, share } = distillation;
    const wanted = tf.softmax(fill((sample, k) => teacher[indices[sample] * classes + k] / temperature));
    const ofTeacher = crossEntropy(tf, tf.div(logits, temperature), wanted);
    losses = tf.add(tf.mul(losses, 1 - share), tf.mul(ofTeacher, share * temperature ** 2));
  }
  if (classWeights)
    losses = tf.mul(
      losses,
      tf.tensor1d(Float32Array.from(indices, (_, sample) => shares.reduce((sum, row, k) => sum + row[sample] * classWeights[k], 0))),
    );
  return tf.sum(losses);
}

/** Of each sample. */
const crossEntropy = (tf: Tensorflow, logits: Tensor, wanted: Tensor): Tensor => tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), wanted), 1));

const meanSquare = (tf: Tensorflow, logits: Tensor, wanted: Tensor): Tensor =>
  tf.mul(tf.sum(tf.square(tf.sub(logits, wanted)), 1), 1 / (2 * logits.shape[1]!));
