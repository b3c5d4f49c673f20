import type { Random } from '../../random.ts';
import { createAdam } from './adam.ts';
import { divergenceSlope, logAlphaOf, logAlphaSlope, NOISE } from './divergence.ts';
import type { Form, Layout } from './form.ts';
import { createNoise } from './noise.ts';

/** log sigma^2 in the beginning. */
const QUIET = -10;

/**
 * Sparse variational dropout (Molchanov, Ashukha and Vetrov 2017): each weight is drawn from N(theta, sigma^2), theta the learned weight.
 * Where they draw a layer's outputs (local reparameterisation, at the cost of a second convolution for the variances), we draw the weights
 * once for each block of 16 samples: the gradient is that of the same bound, without their approximation that the pixels of a channel are
 * independent, and with more variance.
 */
export function variational({ size, layers, keep }: Layout, random: Random): Form {
  const noise = createNoise(random.fork('noise'));
  const logVariance = new Float32Array(size).fill(QUIET);
  const drawn = new Float32Array(size);
  const deviation = new Float32Array(size);
  const slopes = new Float32Array(size);
  const adam = createAdam(size);
  /** The deviations are those of the variances. */
  let known = false;
  const used = Int32Array.from(layers.flatMap(({ index }) => [...index]));
  return {
    perBlock: true,
    tensors: { logVariance, logVarianceFirst: adam.first, logVarianceSecond: adam.second },
    resume: adam.resume,
    draw(weights, learned, offsets) {
      noise(drawn, offsets);
      if (!known) for (const i of used) deviation[i] = Math.exp(logVariance[i] / 2);
      known = true;
      for (const i of used) {
        if (keep[i] === 0) drawn[i] = 0;
        weights[i] = learned[i] + deviation[i] * drawn[i];
      }
    },
    collect(gradient) {
      for (const i of used) slopes[i] += (gradient[i] * drawn[i] * deviation[i]) / 2;
    },
    finish(gradient, learned, { learningRate, divergence = 1 }, items) {
      const share = divergence / items;
      for (const i of used) {
        const slope = share * divergenceSlope(logAlphaOf(learned[i], logVariance[i]));
        gradient[i] += slope * logAlphaSlope(learned[i]);
        slopes[i] += slope;
      }
      adam.step(logVariance, slopes, learningRate);
      slopes.fill(0);
      known = false;
    },
    settle(weights, learned) {
      for (const i of used) weights[i] = logAlphaOf(learned[i], logVariance[i]) < NOISE ? learned[i] : 0;
    },
    logAlpha: (learned) => learned.map((mean, i) => logAlphaOf(mean, logVariance[i])),
  };
}
