import type { Random } from '../random.ts';
import type { Limits, Objective } from './objective.ts';

/** Tchebyshev: the largest weighted objective. Smaller is better. */
export const tchebyshev = (point: readonly number[], weights: readonly number[]): number =>
  point.reduce((worst, value, index) => Math.max(worst, weights[index] * value), 0);

/**
 * Paria et al., arXiv 1805.12168, as µNAS and SpArSe use it: 1/weight uniform in (0, bound], so that the search aims at a point within the bounds,
 * another one each time.
 */
export const drawWeights = (bounds: readonly number[], random: Random): number[] =>
  bounds.map((bound) => 1 / (Math.max(bound, SMALLEST) * (1 - random.next())));

/** A bound of zero, of an objective that is zero everywhere, weighs it no more than this. */
const SMALLEST = 1e-9;

/** What to aim at: the user's limits; where there is none, the median of the points, so that their better half is within it. */
export const boundsOf = (points: readonly (readonly number[])[], objectives: readonly Objective[], limits: Limits): number[] =>
  objectives.map((objective, index) => limits[objective] ?? median(points.map((point) => point[index])));

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
