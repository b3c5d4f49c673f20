import { type Header, headerFault, type NumberArray, type NumberType, readValues } from '../array.ts';
import { type Bytes, readBytes } from '../bytes.ts';

/**
 * IDX, the format of the MNIST files: two zero bytes, a type, the number of extents, the extents as 32-bit numbers, the values; all big-endian.
 * Plain or gzip'd.
 */
export const readIdx = (path: string): Promise<NumberArray | string> =>
  readBytes(path, async (bytes) => {
    const header = await readHeader(bytes);
    return typeof header === 'string' ? header : readValues(bytes, header);
  });

/** Reads no further than the header. */
export const headIdx = (path: string): Promise<Header | string> => readBytes(path, readHeader);

async function readHeader(bytes: Bytes): Promise<Header | string> {
  const magic = await bytes.take(4);
  if (magic.length < 4) return `is truncated: an IDX file begins with 4 bytes, found ${magic.length}`;
  if (magic[0] !== 0 || magic[1] !== 0) return `is not an IDX file: it should begin with 00 00, found ${hex(magic[0])} ${hex(magic[1])}`;
  const type = TYPE_CODES.get(magic[2]);
  if (type === undefined)
    return `is not an IDX file: its type should be one of ${[...TYPE_CODES.keys()].map(hex).join(' ')}, found ${hex(magic[2])}`;
  const dimensions = magic[3];
  if (dimensions < 1 || dimensions > MOST_DIMENSIONS) return `says it has ${dimensions} dimensions; 1 to ${MOST_DIMENSIONS} are read`;
  const sizes = await bytes.take(4 * dimensions);
  if (sizes.length < 4 * dimensions) return `is truncated: its header should have ${4 + 4 * dimensions} bytes, found ${4 + sizes.length}`;
  const view = new DataView(sizes.buffer);
  const extents = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 * axis));
  const header = { bytes: 4 + sizes.length, type, extents, littleEndian: false, columnMajor: false };
  return headerFault(header, bytes) ?? header;
}

const MOST_DIMENSIONS = 4;

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

const TYPE_CODES: ReadonlyMap<number, NumberType> = new Map([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);
