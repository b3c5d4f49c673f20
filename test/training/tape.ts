/**
 * Reverse-mode differentiation of plain float64 arithmetic, one scalar at a time: slow, and too simple to be wrong in the
 * ways that hand-written gradients are. Scalars are indices on the tape.
 */
export class Tape {
  #length = 0;
  #values = new Float64Array(1 << 16);
  /** Two for each scalar, -1 where there is none, and the derivatives by them. */
  #parents = new Int32Array(1 << 17);
  #partials = new Float64Array(1 << 17);

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
  smaller(x: number, y: number): number {
    return this.#values[x] <= this.#values[y] ? x : y;
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
    return this.#push(value, x, exponent * this.#values[x] ** (exponent - 1), -1, 0);
  }
  sum(all: readonly number[]): number {
    return all.reduce((x, y) => this.add(x, y), this.constant(0));
  }

  /** The derivative of `of` by every scalar on the tape. */
  gradient(of: number): Float64Array {
    const gradient = new Float64Array(this.#length);
    gradient[of] = 1;
    for (let i = of; i >= 0; i--) {
      for (const slot of [2 * i, 2 * i + 1]) {
        if (this.#parents[slot] >= 0) gradient[this.#parents[slot]] += gradient[i] * this.#partials[slot];
      }
    }
    return gradient;
  }

  #push(value: number, x: number, byX: number, y: number, byY: number): number {
    const at = this.#length++;
    if (at === this.#values.length) this.#grow();
    this.#values[at] = value;
    this.#parents[2 * at] = x;
    this.#parents[2 * at + 1] = y;
    this.#partials[2 * at] = byX;
    this.#partials[2 * at + 1] = byY;
    return at;
  }

  #grow(): void {
    const [values, parents, partials] = [this.#values, this.#parents, this.#partials];
    this.#values = new Float64Array(2 * values.length);
    this.#values.set(values);
    this.#parents = new Int32Array(2 * parents.length);
    this.#parents.set(parents);
    this.#partials = new Float64Array(2 * partials.length);
    this.#partials.set(partials);
  }
}
