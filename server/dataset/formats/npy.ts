import { type Header, headerFault, type NumberArray, type NumberType, readValues } from '../array.ts';
import { type Bytes, bytesOf, readBytes } from '../bytes.ts';

/** NumPy's .npy, versions 1 to 3: magic, version, the header's length, the header (a Python dictionary as text), the values. Plain or gzip'd. */
export const readNpy = (path: string): Promise<NumberArray | string> => readBytes(path, readArray);

/** Reads no further than the header. */
export const headNpy = (path: string): Promise<Header | string> => readBytes(path, readHeader);

/** The array in a .npy file that is in memory. */
export const parseNpy = (data: Uint8Array): Promise<NumberArray | string> => readArray(bytesOf(data));

async function readArray(bytes: Bytes): Promise<NumberArray | string> {
  const header = await readHeader(bytes);
  return typeof header === 'string' ? header : readValues(bytes, header);
}

async function readHeader(bytes: Bytes): Promise<Header | string> {
  const magic = await bytes.take(8);
  if (magic.length < 8) return `is truncated: a .npy file begins with 8 bytes, found ${magic.length}`;
  if (MAGIC.some((byte, i) => magic[i] !== byte)) return 'is not a .npy file: it does not begin with \\x93NUMPY';
  const version = magic[6];
  if (version < 1 || version > 3) return `is a .npy file of version ${version}; 1 to 3 are read`;
  const lengthBytes = version === 1 ? 2 : 4;
  const length = (await bytes.take(lengthBytes)).reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (length > LONGEST_HEADER) return `has a header of ${length} bytes; at most ${LONGEST_HEADER} are read`;
  const text = await bytes.take(length);
  if (text.length < length) return `is truncated: its header should have ${length} bytes, found ${text.length}`;
  const parsed = parseDictionary(new TextDecoder('latin1').decode(text));
  if (typeof parsed === 'string') return parsed;
  const header = { bytes: 8 + lengthBytes + length, ...parsed };
  return headerFault(header, bytes) ?? header;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LONGEST_HEADER = 4096;
const MOST_DIMENSIONS = 6;

/** The three entries that the format demands, in any order. */
function parseDictionary(text: string): Omit<Header, 'bytes'> | string {
  const entries = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1];
  const type = entries && /'descr'\s*:\s*('[^']*'|\[|\()/.exec(entries)?.[1];
  const order = entries && /'fortran_order'\s*:\s*(True|False)\b/.exec(entries)?.[1];
  const shape = entries && /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(entries)?.[1];
  if (!type || !order || shape === undefined) return "has a header without 'descr', 'fortran_order' and 'shape'";
  const described = /^'([<>|=])(\w+)'$/.exec(type);
  const numberType = described && NUMBER_TYPES.get(described[2]);
  if (!numberType)
    return `holds values of type ${type === '[' || type === '(' ? 'record' : type}; ${[...NUMBER_TYPES.keys()].join(' ')} are read`;
  const extents = shape.split(',').flatMap((extent) => (extent.trim() === '' ? [] : [Number.parseInt(extent, 10)]));
  if (extents.length > MOST_DIMENSIONS) return `says it has ${extents.length} dimensions; at most ${MOST_DIMENSIONS} are read`;
  if (!extents.every(Number.isSafeInteger)) return `has a header with a broken shape (${shape})`;
  return { type: numberType, extents, littleEndian: described[1] !== '>', columnMajor: order === 'True' };
}

const NUMBER_TYPES: ReadonlyMap<string, NumberType> = new Map([
  ['u1', 'uint8'],
  ['b1', 'uint8'],
  ['i1', 'int8'],
  ['u2', 'uint16'],
  ['i2', 'int16'],
  ['u4', 'uint32'],
  ['i4', 'int32'],
  ['u8', 'uint64'],
  ['i8', 'int64'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);
