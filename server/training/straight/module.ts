/** WebAssembly, as far as straight-line code over vectors needs it (WebAssembly Core Specification 2.0, chapter 5, and relaxed SIMD). */

/** i32 locals of every function; those after them are vectors. */
const WORDS = 8;

/** The body of a function without parameters and results. A memory operand is an address on the stack and a constant offset. */
export class Body {
  #bytes = new Uint8Array(1 << 14);
  #length = 0;
  #vectors = 0;
  readonly #free: number[] = [];

  /** A vector local that nobody uses. */
  take(): number {
    return this.#free.pop() ?? WORDS + this.#vectors++;
  }
  release(local: number): void {
    this.#free.push(local);
  }

  get(local: number): void {
    this.#put(0x20, local);
  }
  set(local: number): void {
    this.#put(0x21, local);
  }
  tee(local: number): void {
    this.#put(0x22, local);
  }
  constant(value: number): void {
    this.#byte(0x41);
    this.#signed(value);
  }
  /** Sets an i32 local to itself and a constant. */
  advance(local: number, by: number): void {
    this.get(local);
    this.constant(by);
    this.#byte(0x6a);
    this.set(local);
  }
  /** Does something `count` times; `counter` is an i32 local. */
  times(counter: number, count: number, work: () => void): void {
    if (count === 1) work();
    else {
      this.constant(count);
      this.set(counter);
      this.repeat(() => {
        work();
        this.get(counter);
        this.constant(-1);
        this.#byte(0x6a);
        this.tee(counter);
      });
    }
  }
  /** Does something until what it leaves on the stack is zero. */
  repeat(work: () => void): void {
    this.#put(0x03, 0x40);
    work();
    this.#put(0x0d, 0);
    this.#byte(0x0b);
  }
  /** Does something where the i32 local plus `more`, taken as unsigned, is less than `limit`. */
  whereLess(local: number, more: number, limit: number, work: () => void): void {
    this.get(local);
    this.constant(more);
    this.#byte(0x6a);
    this.constant(limit);
    this.#byte(0x49);
    this.#put(0x04, 0x40);
    work();
    this.#byte(0x0b);
  }

  load(offset: number): void {
    this.#memory(0, 4, offset);
  }
  /** An i32. */
  loadWord(): void {
    this.#put(0x28, 2);
    this.#byte(0);
  }
  /** A float in all lanes. */
  spread(offset: number): void {
    this.#memory(9, 2, offset);
  }
  /** Address and vector are on the stack. */
  store(offset: number): void {
    this.#memory(11, 4, offset);
  }
  zero(): void {
    this.#vector(12);
    for (let i = 0; i < 16; i++) this.#byte(0);
  }
  add(): void {
    this.#vector(0xe4);
  }
  /** The larger of the two; zero rather than -0 where the second is. */
  larger(): void {
    this.#vector(0xeb);
  }
  positive(): void {
    this.zero();
    this.#vector(0x44);
  }
  and(): void {
    this.#vector(0x4e);
  }
  /** sum += x y, all vector locals, by relaxed SIMD. */
  addProduct(sum: number, x: number, y: number): void {
    this.get(x);
    this.get(y);
    this.get(sum);
    this.#vector(0x105);
    this.set(sum);
  }

  /** Locals and code, behind their length. */
  finish(): readonly Uint8Array[] {
    this.#byte(0x0b);
    const locals = [2, ...leb(WORDS), 0x7f, ...leb(this.#vectors), 0x7b];
    return [Uint8Array.from([...leb(locals.length + this.#length), ...locals]), this.#bytes.subarray(0, this.#length)];
  }

  #vector(operation: number): void {
    this.#put(0xfd, operation);
  }
  #memory(operation: number, align: number, offset: number): void {
    this.#put(0xfd, operation);
    this.#put(align, offset);
  }
  #put(operation: number, operand: number): void {
    this.#byte(operation);
    let rest = operand >>> 0;
    for (; rest > 127; rest >>>= 7) this.#byte((rest & 127) | 128);
    this.#byte(rest);
  }
  #signed(value: number): void {
    let rest = value;
    for (; rest < -64 || rest > 63; rest >>= 7) this.#byte((rest & 127) | 128);
    this.#byte(rest & 127);
  }
  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** A module that imports `env.memory` and exports the functions by their number. */
export function moduleOf(bodies: readonly Body[]): Uint8Array<ArrayBuffer> {
  const code = [Uint8Array.from(leb(bodies.length)), ...bodies.flatMap((body) => body.finish())];
  const head = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 0, 0]]),
    ...section(2, [[...name('env'), ...name('memory'), 2, 0, 1]]),
    ...section(
      3,
      bodies.map(() => [0]),
    ),
    ...section(
      7,
      bodies.map((_, index) => [...name(`${index}`), 0, ...leb(index)]),
    ),
    ...[10, ...leb(code.reduce((sum, { length }) => sum + length, 0))],
  ];
  return new Uint8Array(Buffer.concat([Uint8Array.from(head), ...code]));
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const contents = [...leb(items.length), ...items.flat()];
  return [id, ...leb(contents.length), ...contents];
}

const name = (text: string): number[] => [text.length, ...Buffer.from(text)];

function leb(value: number): number[] {
  return value > 127 ? [(value & 127) | 128, ...leb(value >>> 7)] : [value];
}
