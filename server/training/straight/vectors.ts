import type { Body } from './module.ts';

/** Bytes of one vector. */
export const VECTOR = 16;

/** One vector in a local, or two that lie side by side in memory, for V8 to make one twice as wide of. */
export type Vectors = readonly number[];

export const take = (body: Body, parts: number): Vectors => Array.from({ length: parts }, () => body.take());

export function release(body: Body, vectors: Vectors): void {
  for (const local of new Set(vectors)) body.release(local);
}

/** `pointer` is an i32 local. */
export function load(body: Body, to: Vectors, pointer: number, offset: number): void {
  to.forEach((local, part) => {
    body.get(pointer);
    body.load(offset + VECTOR * part);
    body.set(local);
  });
}

export function store(body: Body, pointer: number, offset: number, from: Vectors): void {
  from.forEach((local, part) => {
    body.get(pointer);
    body.get(local);
    body.store(offset + VECTOR * part);
  });
}

/** A float in all lanes: one local for all parts. */
export function spread(body: Body, address: number, parts: number): Vectors {
  const local = body.take();
  body.constant(address);
  body.spread(0);
  body.set(local);
  return new Array(parts).fill(local);
}

export function clear(body: Body, vectors: Vectors): void {
  for (const local of vectors) {
    body.zero();
    body.set(local);
  }
}

export function copy(body: Body, to: Vectors, from: Vectors): void {
  to.forEach((local, part) => {
    body.get(from[part]);
    body.set(local);
  });
}

export function add(body: Body, sum: Vectors, x: Vectors): void {
  sum.forEach((local, part) => {
    body.get(local);
    body.get(x[part]);
    body.add();
    body.set(local);
  });
}

export function addProduct(body: Body, sum: Vectors, x: Vectors, y: Vectors): void {
  sum.forEach((local, part) => {
    body.addProduct(local, x[part], y[part]);
  });
}

export function rectify(body: Body, vectors: Vectors): void {
  for (const local of vectors) {
    body.get(local);
    body.zero();
    body.larger();
    body.set(local);
  }
}

/** Zero where what lies there is not positive. */
export function gate(body: Body, vectors: Vectors, pointer: number, offset: number): void {
  vectors.forEach((local, part) => {
    body.get(pointer);
    body.load(offset + VECTOR * part);
    body.positive();
    body.get(local);
    body.and();
    body.set(local);
  });
}
