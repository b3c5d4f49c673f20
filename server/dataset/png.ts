import { inflateSync } from 'node:zlib';
import { decode } from 'fast-png';

/** Pixels as bytes, channels last. */
export type Image = { readonly width: number; readonly height: number; readonly channels: number; readonly pixels: Uint8Array };

export type ImageHead = Omit<Image, 'pixels'>;

/**
 * Decodes a PNG file. Grey of fewer than 8 bits is stretched to 0..255, 16 bits are rounded to 8, a palette becomes RGB; alpha is kept with RGB, dropped with grey.
 * Only the chunks that make the picture reach the decoder, and only after their unpacked size has been held against the header.
 */
export function decodePng(file: Uint8Array): Image | string {
  const head = readHead(file);
  if (typeof head === 'string') return head;
  const parts = pictureChunks(file);
  if (typeof parts === 'string') return parts;
  const fault = unpackFault(parts, head);
  if (fault) return fault;
  try {
    const { data, palette } = decode(concat([file.subarray(0, SIGNATURE.length), ...parts.map((part) => part.whole)]), { checkCrc: true });
    return toBytes(head, data, palette);
  } catch (error) {
    return `is damaged (${error instanceof Error ? error.message : error})`;
  }
}

/** Size and channels, from the first bytes of the file. */
export function headPng(file: Uint8Array): ImageHead | string {
  const head = readHead(file);
  return typeof head === 'string' ? head : { width: head.width, height: head.height, channels: head.kind.channels };
}

export const HEAD_BYTES = 33;
export const LARGEST_SIDE = 4096;

/** `samples`: numbers stored per pixel; `channels`: those of the image made of them. */
type Kind = { readonly samples: number; readonly channels: number; readonly depths: readonly number[] };

const KINDS: ReadonlyMap<number, Kind> = new Map([
  [0, { samples: 1, channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, channels: 3, depths: [8, 16] }],
  [3, { samples: 1, channels: 3, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, channels: 1, depths: [8, 16] }],
  [6, { samples: 4, channels: 4, depths: [8, 16] }],
]);

type Head = { readonly width: number; readonly height: number; readonly depth: number; readonly kind: Kind; readonly interlaced: boolean };

function readHead(file: Uint8Array): Head | string {
  if (SIGNATURE.some((byte, i) => file[i] !== byte)) return 'is not a PNG file';
  if (file.length < HEAD_BYTES) return `is truncated: a PNG file begins with ${HEAD_BYTES} bytes, found ${file.length}`;
  const view = new DataView(file.buffer, file.byteOffset);
  if (view.getUint32(8) !== 13 || typeOf(file, 8) !== 'IHDR') return 'is damaged: it does not begin with an IHDR chunk';
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), file[24]];
  if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    return `is ${height}x${width}; sides of 1 to ${LARGEST_SIDE} pixels are read`;
  const kind = KINDS.get(file[25]);
  if (!kind?.depths.includes(depth)) return `has colour type ${file[25]} with ${depth} bits, which PNG does not know`;
  const interlaced = file[28] !== 0;
  if (interlaced && depth < 8) return `is interlaced with ${depth} bits per sample; save it without interlacing`;
  return { width, height, depth, kind, interlaced };
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const typeOf = (file: Uint8Array, chunk: number): string => String.fromCharCode(...file.subarray(chunk + 4, chunk + 8));

type Chunk = { readonly type: string; readonly whole: Uint8Array; readonly data: Uint8Array };

function pictureChunks(file: Uint8Array): Chunk[] | string {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > file.length) return 'is truncated: it ends before its IEND chunk';
    const end = at + 12 + view.getUint32(at);
    const type = typeOf(file, at);
    if (end > file.length) return `is truncated: its ${type} chunk should end at byte ${end}, the file has ${file.length}`;
    const critical = (file[at + 4] & 0x20) === 0;
    if (critical && !PICTURE_CHUNKS.has(type)) return `is damaged: it has an unknown chunk ${type}`;
    if (critical) chunks.push({ type, whole: file.subarray(at, end), data: file.subarray(at + 8, end - 4) });
    if (type === 'IHDR' && chunks.length > 1) return 'is damaged: it has two headers';
    if (type === 'IEND') return end === file.length ? chunks : `has ${file.length - end} trailing bytes`;
    at = end;
  }
}

const PICTURE_CHUNKS = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND']);

function unpackFault(chunks: readonly Chunk[], head: Head): string | undefined {
  const expected = packedBytes(head);
  const data = concat(chunks.filter((chunk) => chunk.type === 'IDAT').map((chunk) => chunk.data));
  try {
    const found = inflateSync(data, { maxOutputLength: expected }).length;
    return found < expected ? `is truncated: its pixels take ${expected} bytes, found ${found}` : undefined;
  } catch (error) {
    const tooLong = error instanceof RangeError;
    return tooLong ? `is damaged: its pixels take ${expected} bytes, found more` : 'is damaged: its pixels cannot be unpacked';
  }
}

/** The bytes of all rows, each with its filter byte; interlaced images are seven smaller ones. */
function packedBytes({ width, height, depth, kind, interlaced }: Head): number {
  const rows = (columns: number, lines: number) =>
    columns < 1 || lines < 1 ? 0 : lines * (1 + Math.ceil((columns * kind.samples * depth) / 8));
  if (!interlaced) return rows(width, height);
  return ADAM7.reduce((sum, [x, y, dx, dy]) => sum + rows(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)), 0);
}

/** First column, first row, and the steps between them, of each pass. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

function toBytes({ width, height, depth, kind }: Head, data: ArrayLike<number>, palette?: number[][]): Image | string {
  const { samples, channels } = kind;
  const pixels = new Uint8Array(width * height * channels);
  const indexed = channels > samples;
  if (indexed && !palette) return 'is damaged: it has no palette';
  const row = Math.ceil((width * samples * depth) / 8);
  const sample = (y: number, at: number) => (depth < 8 ? bits(data, y * row, at, depth) : data[y * width * samples + at]);
  const scale = 255 / (2 ** depth - 1);
  let to = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = indexed ? palette![sample(y, x)] : undefined;
      if (indexed && !colour) return 'is damaged: a pixel is beyond its palette';
      for (let channel = 0; channel < channels; channel++)
        pixels[to++] = colour ? colour[channel] : Math.round(sample(y, x * samples + channel) * scale);
    }
  return { width, height, channels, pixels };
}

/** The `at`th number of `depth` bits in the row that begins at `row`, most significant bits first. */
function bits(data: ArrayLike<number>, row: number, at: number, depth: number): number {
  const first = at * depth;
  return (data[row + (first >> 3)] >> (8 - depth - (first & 7))) & (2 ** depth - 1);
}

function concat(parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
