/** The two vectors of a sum, side by side; the place where that address is read from, as it may not be constant. */
const HALVES = memory.data(640, 64), PLACE = memory.data(4);

@inline
export function halvesPlace(): usize {
  store<usize>(PLACE, HALVES);
  return load<usize>(PLACE);
}

/** Adds both vectors of each of `count` sums to its four lanes. */
export function addHalves(to: usize, halves: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.add(v128.load(halves), v128.load(halves, 16))));
    to += 16;
    halves += 32;
  }
}
