/**
 * Reverse-mode differentiation of plain float64 arithmetic, one scalar at a time: slow, and too simple to be wrong in the
 * ways that hand-written gradients are. Scalars are indices on the tape.
 */
export class Tape {
  readonly #values: number[] = [];
  readonly #parents: [number, number][] = [];
  readonly #partials: [number, number][] = [];

  value = (x: number): number => this.#values[x];

  constant(value: number): number {
    return this.#push(value, -1, 0, -1, 0);
  }
  add(x: number, y: number): number {
    return this.#push(this.#values[x] + this.#values[y], x, 1, y, 1);
  }
  multiply(x: number, y: number): number {
    return this.#push(this.#values[x] * this.#values[y], x, this.#values[y], y, this.#values[x]);
  }
  scale(x: number, factor: number): number {
    return this.#push(this.#values[x] * factor, x, factor, -1, 0);
  }
  /** The first where they are equal. */
  larger(x: number, y: number): number {
    return this.#values[x] >= this.#values[y] ? x : y;
  }
  exp(x: number): number {
    const value = Math.exp(this.#values[x]);
    return this.#push(value, x, value, -1, 0);
  }
  log(x: number): number {
    return this.#push(Math.log(this.#values[x]), x, 1 / this.#values[x], -1, 0);
  }
  power(x: number, exponent: number): number {
    const value = this.#values[x] ** exponent;
    return this.#push(value, x, (exponent * value) / this.#values[x], -1, 0);
  }
  sum(all: readonly number[]): number {
    return all.reduce((x, y) => this.add(x, y), this.constant(0));
  }

  /** The derivative of `of` by every scalar on the tape. */
  gradient(of: number): Float64Array {
    const gradient = new Float64Array(this.#values.length);
    gradient[of] = 1;
    for (let i = of; i >= 0; i--) {
      if (gradient[i] === 0) continue;
      for (const which of [0, 1]) {
        const parent = this.#parents[i][which];
        if (parent >= 0) gradient[parent] += gradient[i] * this.#partials[i][which];
      }
    }
    return gradient;
  }

  #push(value: number, x: number, byX: number, y: number, byY: number): number {
    this.#parents.push([x, y]);
    this.#partials.push([byX, byY]);
    return this.#values.push(value) - 1;
  }
}
