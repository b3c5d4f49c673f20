import { addHalves, halvesPlace } from './halves';
import { WIDE } from './width';

/*
 * What is written once for vectors and pairs of them: names in capitals are those of the second vector, and fold away where there is none.
 */

/** Bytes of what is computed at a time. */
export const STEP: usize = WIDE ? 32 : 16;

/** The vector beside the first. */
@inline
export function beside(at: usize, first: v128): v128 {
  return WIDE ? v128.load(at, 16) : first;
}

@inline
export function put(at: usize, first: v128, second: v128): void {
  v128.store(at, first);
  if (WIDE) v128.store(at, second, 16);
}

/** Adds a sum, of both vectors, to its four lanes. */
@inline
export function addTo(to: usize, first: v128, second: v128): void {
  if (WIDE) {
    const halves = halvesPlace();
    put(halves, first, second);
    addHalves(to, halves, 1);
  } else v128.store(to, f32x4.add(v128.load(to), first));
}
