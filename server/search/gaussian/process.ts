import { type Arc, embed, type Kinds, matern, type Point, squaredDistance } from './arc.ts';
import { type Factor, factor } from './factor.ts';

/** What a Gaussian process of zero mean is told beside its data. Variances, of the function and of the noise on its values. */
export type Hyper = Arc & { readonly signal: number; readonly noise: number };

/** A Gaussian process given its data: of the function, without the noise. */
export type Process = {
  readonly logLikelihood: number;
  mean(point: Point): number;
  variance(point: Point): number;
  /** So many draws of the function at all of the points together; `normal` gives standard normal numbers, one per point, in order. */
  draws(points: readonly Point[], normal: () => number, count: number): Float64Array[];
};

/** Added to the diagonal of a draw's covariance, as a share of the signal: near-equal points must not make it singular. */
export const DRAW_JITTER = 1e-8;

export function condition(points: readonly Point[], values: Float64Array, kinds: Kinds, hyper: Hyper): Process {
  const { signal, noise } = hyper;
  const size = points.length;
  const places = points.map((point) => embed(point, kinds, hyper));
  const known = factor({ size, values: covariance(places, signal, noise) });
  const weights = known.solveUpper(known.solveLower(Float64Array.from(values)));

  const across = (place: Float64Array): Float64Array =>
    Float64Array.from(places, (other) => signal * matern(squaredDistance(place, other)));

  function draws(queries: readonly Point[], normal: () => number, count: number): Float64Array[] {
    const at = queries.map((point) => embed(point, kinds, hyper));
    const crossing = at.map(across);
    const means = crossing.map((row) => dot(row, weights));
    const explained = crossing.map((row) => known.solveLower(row));
    const joint = covariance(at, signal, signal * DRAW_JITTER);
    for (let i = 0; i < at.length; i++) for (let j = 0; j <= i; j++) joint[i * at.length + j] -= dot(explained[i], explained[j]);
    const colour = factor({ size: at.length, values: joint });
    return Array.from({ length: count }, () => coloured(colour, means, normal));
  }

  return {
    logLikelihood: logLikelihood(values, weights, known),
    mean: (point) => dot(across(embed(point, kinds, hyper)), weights),
    variance(point) {
      const explained = known.solveLower(across(embed(point, kinds, hyper)));
      return Math.max(0, signal - dot(explained, explained));
    },
    draws,
  };
}

export const logLikelihood = (values: Float64Array, weights: Float64Array, { size, logDeterminant }: Factor): number =>
  -0.5 * (dot(values, weights) + logDeterminant + size * Math.log(2 * Math.PI));

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** By rows, the lower triangle. */
function covariance(places: readonly Float64Array[], signal: number, onDiagonal: number): Float64Array {
  const size = places.length;
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) values[i * size + j] = signal * matern(squaredDistance(places[i], places[j]));
    values[i * size + i] = signal + onDiagonal;
  }
  return values;
}

function coloured({ size, lower }: Factor, means: readonly number[], normal: () => number): Float64Array {
  const white = Float64Array.from({ length: size }, normal);
  return Float64Array.from(means, (mean, i) => mean + dot(lower.subarray(i * size, i * size + i + 1), white));
}
