import { WIDE } from './width';

/*
 * What is written once, for vectors and for pairs of them: names in capitals are those of the second vector, and fold away where there is
 * none.
 */

/** Bytes of what is computed at a time. */
export const STEP: usize = WIDE ? 32 : 16;

/** Where vectors are stored side by side to be added up, and where that address is read from. */
const SIDE = memory.data(64, 64), PLACE = memory.data(4);

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

/** Adds a sum, of both vectors if there are two, to its four lanes. */
@inline
export function addTo(to: usize, first: v128, second: v128): void {
  if (WIDE) addBoth(to, first, second);
  else v128.store(to, f32x4.add(v128.load(to), first));
}

@inline
export function addBoth(to: usize, first: v128, second: v128): void {
  const at = side();
  v128.store(at, first);
  v128.store(at, second, 16);
  v128.store(to, f32x4.add(v128.load(to), f32x4.add(v128.load(at), v128.load(at, 16))));
}

/** The sum of four vectors. */
@inline
export function together(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const at = side();
  v128.store(at, s0);
  v128.store(at, s1, 16);
  v128.store(at, s2, 32);
  v128.store(at, s3, 48);
  return f32x4.add(f32x4.add(v128.load(at), v128.load(at, 16)), f32x4.add(v128.load(at, 32), v128.load(at, 48)));
}

@inline
function side(): usize {
  store<usize>(PLACE, SIDE);
  return load<usize>(PLACE);
}
