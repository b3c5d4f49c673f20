import { type Bytes, LARGEST_FILE } from './bytes.ts';

/** Numbers as a file holds them, row-major. 64-bit whole numbers become floats (exact to 2^53). */
export type NumberArray = {
  readonly extents: readonly number[];
  readonly values: Values;
};

export type Values = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export type NumberType = keyof typeof TYPES;

/** What a header says of the numbers behind it. */
export type Header = {
  /** Of the header itself. */
  readonly bytes: number;
  readonly type: NumberType;
  readonly extents: readonly number[];
  readonly littleEndian: boolean;
  /** The first index runs fastest, as in Fortran. */
  readonly columnMajor: boolean;
};

/** A file may hold this many samples. */
export const MOST_SAMPLES = 2 ** 24;

/** Why no array with this header is read from these bytes; undefined where it may be, though gzip'd bytes may still fall short. */
export function headerFault({ bytes: header, type, extents }: Header, { most, gzip }: Bytes): string | undefined {
  if (extents.length === 0) return 'holds a single number; [samples, ...] is expected';
  if (extents[0] === 0) return 'holds no samples';
  if (extents.includes(0)) return `holds no values: its header says ${formatExtents(extents)}`;
  if (extents[0] > MOST_SAMPLES) return `says it holds ${extents[0]} samples; at most ${MOST_SAMPLES} are read`;
  const count = byteCount(type, extents);
  const promise = `its header says ${formatExtents(extents)} of type ${type}`;
  if (count > LARGEST_FILE) return `is too large: ${promise}; at most ${LARGEST_FILE} bytes are read`;
  const room = Math.max(most - header, 0);
  if (count > room) return `is truncated: ${promise}, ${count} bytes, but ${gzip ? `no more than ${room} can` : `${room}`} follow`;
  if (count < room && !gzip) return `has trailing bytes: ${promise}, ${count} bytes, but ${room} follow`;
  return undefined;
}

/** Reads the numbers that follow a header in which `headerFault` found nothing. */
export async function readValues(bytes: Bytes, header: Header): Promise<NumberArray | string> {
  const { type, extents, littleEndian, columnMajor } = header;
  const data = new Uint8Array(byteCount(type, extents));
  const found = await bytes.fill(data);
  const promise = `its header says ${formatExtents(extents)} of type ${type}, ${data.length} bytes`;
  if (found < data.length) return `is truncated: ${promise}, but ${found} follow`;
  if ((await bytes.take(1)).length > 0) return `has trailing bytes: ${promise}, but more follow`;
  const array = { extents, values: numbers(data, type, littleEndian) };
  return columnMajor ? toRowMajor(array) : array;
}

export const formatExtents = (extents: readonly number[]): string => `[${extents.join(', ')}]`;

function toRowMajor({ extents, values }: NumberArray): NumberArray {
  const copy = values.slice();
  const strides = extents.map((_, axis) => product(extents.slice(0, axis)));
  const index = extents.map(() => 0);
  let from = 0;
  for (let to = 0; to < copy.length; to++) {
    copy[to] = values[from];
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < extents[axis]) break;
      from -= strides[axis] * extents[axis];
      index[axis] = 0;
    }
  }
  return { extents, values: copy };
}

export const product = (extents: readonly number[]): number => extents.reduce((total, extent) => total * extent, 1);

/** Up to four 32-bit extents: far from infinity, and inexact only far beyond `LARGEST_FILE`. */
const byteCount = (type: NumberType, extents: readonly number[]): number => TYPES[type].bytes * product(extents);

/** Views `data`, which starts its buffer, as numbers; swaps its bytes in place where the machine's order is another. */
function numbers(data: Uint8Array<ArrayBuffer>, type: NumberType, littleEndian: boolean): Values {
  const { bytes, view } = TYPES[type];
  if (bytes > 1 && littleEndian !== MACHINE_IS_LITTLE) swap(data, bytes);
  return view(data.buffer);
}

function swap({ buffer }: Uint8Array<ArrayBuffer>, bytes: number): void {
  const data = Buffer.from(buffer);
  if (bytes === 2) data.swap16();
  else if (bytes === 4) data.swap32();
  else data.swap64();
}

const MACHINE_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

const TYPES = {
  uint8: { bytes: 1, view: (buffer: ArrayBuffer): Values => new Uint8Array(buffer) },
  int8: { bytes: 1, view: (buffer: ArrayBuffer): Values => new Int8Array(buffer) },
  uint16: { bytes: 2, view: (buffer: ArrayBuffer): Values => new Uint16Array(buffer) },
  int16: { bytes: 2, view: (buffer: ArrayBuffer): Values => new Int16Array(buffer) },
  uint32: { bytes: 4, view: (buffer: ArrayBuffer): Values => new Uint32Array(buffer) },
  int32: { bytes: 4, view: (buffer: ArrayBuffer): Values => new Int32Array(buffer) },
  float32: { bytes: 4, view: (buffer: ArrayBuffer): Values => new Float32Array(buffer) },
  float64: { bytes: 8, view: (buffer: ArrayBuffer): Values => new Float64Array(buffer) },
  uint64: { bytes: 8, view: (buffer: ArrayBuffer): Values => Float64Array.from(new BigUint64Array(buffer), Number) },
  int64: { bytes: 8, view: (buffer: ArrayBuffer): Values => Float64Array.from(new BigInt64Array(buffer), Number) },
};
