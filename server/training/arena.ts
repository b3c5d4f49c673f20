import type { Shape } from '../network/shape.ts';

/** Samples in a block: the innermost dimension of every plane. */
export const LANES = 16;
/** Bytes of one pixel of one channel for a block. */
export const PIXEL = LANES * 4;
/** An arena may take this many bytes. */
export const LARGEST_ARENA = 1 << 30;
/** The kernels' static data ends before this address. */
const BASE = 65536;

/** A tensor for one block: the address of its first value, and the strides in bytes of a channel and a row. Columns are `PIXEL` apart. */
export type Plane = { readonly at: number; readonly channel: number; readonly row: number };

/** Lays out memory before it exists; addresses are in bytes. */
export class Arena {
  #end = BASE;
  readonly #contents: { at: number; data: Int32Array | Float32Array }[] = [];

  get bytes(): number {
    return this.#end;
  }

  /** Memory that begins as zeros, at a cache line. */
  allocate(bytes: number): number {
    const at = this.#end;
    this.#end += Math.ceil(bytes / 64) * 64;
    return at;
  }

  place(data: Int32Array | Float32Array): number {
    const at = this.allocate(data.byteLength);
    this.#contents.push({ at, data });
    return at;
  }

  /**
   * A plane whose rows have `halo` columns of zeros on both sides: those after a row are those before the next.
   * A channel is an odd number of cache lines, else channels crowd into few sets of the nearest cache.
   */
  plane(shape: Shape, halo: number): Plane {
    const row = (shape.width + halo) * PIXEL;
    const lines = (shape.height * row) / 64;
    const channel = (lines % 2 === 1 ? lines : lines + 1) * 64;
    const at = this.allocate(shape.channels * channel + 2 * halo * PIXEL) + halo * PIXEL;
    return { at, channel, row };
  }

  /** Throws where more is laid out, with so many bytes to come, than memory may hold. */
  check(more = 0): void {
    if (this.#end + more > LARGEST_ARENA)
      throw new RangeError(`the network needs at least ${this.#end + more} bytes to train; at most ${LARGEST_ARENA} are allowed`);
  }

  fill(buffer: ArrayBuffer): void {
    for (const { at, data } of this.#contents)
      new Int32Array(buffer, at, data.length).set(new Int32Array(data.buffer, data.byteOffset, data.length));
  }
}
