/** Where vectors are stored side by side, to be added up; the place where that address is read from, as it may not be constant. */
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

/** The sum of four vectors. */
@inline
export function together(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const halves = halvesPlace();
  v128.store(halves, s0);
  v128.store(halves, s1, 16);
  v128.store(halves, s2, 32);
  v128.store(halves, s3, 48);
  return f32x4.add(f32x4.add(v128.load(halves), v128.load(halves, 16)), f32x4.add(v128.load(halves, 32), v128.load(halves, 48)));
}
