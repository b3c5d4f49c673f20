import type { StepRate } from '../engine.ts';
import type { Tensor, Tensorflow } from './library.ts';
import type { Learned } from './store.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Step number `step` (1 for the first) of Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019): only
 * tensors named `weight` decay. Epsilon is added to the root of the corrected variance.
 */
export function takeStep(tf: Tensorflow, learned: readonly Learned[], gradients: readonly Tensor[], step: number, rate: StepRate): void {
  const correction = Math.sqrt(1 - BETA2 ** step);
  const length = (rate.learningRate * correction) / (1 - BETA1 ** step);
  learned.forEach(({ tensor, value, mean, variance, keep }, which) => {
    const gradient = gradients[which];
    mean.assign(tf.add(tf.mul(gradient, 1 - BETA1), tf.mul(mean, BETA1)));
    variance.assign(tf.add(tf.mul(tf.square(gradient), 1 - BETA2), tf.mul(variance, BETA2)));
    const change = tf.div(tf.mul(mean, length), tf.add(tf.sqrt(variance), EPSILON * correction));
    const kept = tensor === 'weight' ? 1 - rate.learningRate * rate.weightDecay : 1;
    const next = tf.sub(tf.mul(value, kept), change);
    value.assign(keep ? tf.where(keep, next, tf.zerosLike(next)) : next);
  });
}
