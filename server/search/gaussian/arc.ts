/**
 * The arc kernel's space (Swersky et al., arXiv 1409.4011). A dimension that is active lies on an arc of radius omega, one that is not at its centre:
 * two configurations are alike in what both of them lack, and unlike, whatever its value, in what only one of them has.
 */

/** A configuration's values, each within 0..1 of its range; NaN where the dimension is not active. */
export type Point = Float64Array;

/** Dimensions of one kind share omega: for each dimension the index of its kind. */
export type Kinds = { readonly count: number; readonly of: readonly number[] };

export type Arc = {
  /** omega squared, of each kind. */
  readonly weights: readonly number[];
  /** rho of the paper: the share of half a turn that a range spans. One for all kinds. */
  readonly turn: number;
};

/** Where a point lies: squared distances between such vectors are those of the kernel. */
export function embed(point: Point, kinds: Kinds, { weights, turn }: Arc): Float64Array {
  const embedded = new Float64Array(2 * point.length);
  for (let i = 0; i < point.length; i++) {
    const value = point[i];
    if (Number.isNaN(value)) continue;
    const omega = Math.sqrt(weights[kinds.of[i]]);
    embedded[2 * i] = omega * Math.sin(Math.PI * turn * value);
    embedded[2 * i + 1] = omega * Math.cos(Math.PI * turn * value);
  }
  return embedded;
}

export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i] - b[i];
    sum += difference * difference;
  }
  return sum;
}

/** The squared distance that each kind contributes at a weight of 1, written to `into`. */
export function kindDistances(a: Point, b: Point, kinds: Kinds, turn: number, into: Float64Array): void {
  into.fill(0);
  for (let i = 0; i < a.length; i++) {
    const first = Number.isNaN(a[i]);
    const second = Number.isNaN(b[i]);
    if (first && second) continue;
    if (first !== second) into[kinds.of[i]] += 1;
    else if (a[i] !== b[i]) into[kinds.of[i]] += 2 - 2 * Math.cos(Math.PI * turn * (a[i] - b[i]));
  }
}

/** Matern 5/2 of a squared distance, 1 at 0. */
export function matern(squared: number): number {
  const scaled = Math.sqrt(5 * squared);
  return (1 + scaled + (scaled * scaled) / 3) * Math.exp(-scaled);
}

/** Its derivative by the squared distance. */
export function maternSlope(squared: number): number {
  const scaled = Math.sqrt(5 * squared);
  return (-5 / 6) * (1 + scaled) * Math.exp(-scaled);
}
