/** Beyond this log alpha is held: the divergence is flat there. Below nothing is held, or weights that begin without noise would never get any. */
const HIGH = 8;
const [K1, K2, K3] = [0.63576, 1.8732, 1.48695];
/** Keeps log alpha finite where a weight is zero. */
const TINY = 1e-8;
/** Weights that are noise by this much may go (Molchanov, Ashukha and Vetrov 2017). */
export const NOISE = 3;

/**
 * The derivative, by log alpha = log(variance / mean^2), of the Kullback-Leibler divergence of a Gaussian posterior from the log-uniform prior:
 * of the approximation -(k1 sigmoid(k2 + k3 log alpha) - log(1 + 1 / alpha) / 2 - k1) (Molchanov et al. 2017, equation 14). Zero where log
 * alpha is held.
 */
export function divergenceSlope(logAlpha: number): number {
  if (logAlpha > HIGH) return 0;
  const s = sigmoid(K2 + K3 * logAlpha);
  return -(K1 * K3 * s * (1 - s) + 0.5 / (1 + Math.exp(logAlpha)));
}

export const logAlphaOf = (mean: number, logVariance: number): number => logVariance - Math.log(mean * mean + TINY);

/** Of `logAlphaOf` by the mean. */
export const logAlphaSlope = (mean: number): number => (-2 * mean) / (mean * mean + TINY);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
