import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** One file may unpack to this many bytes. */
export const LARGEST_FILE = 2 ** 31;

/** The bytes of a file in order, unpacked where it is gzip'd. */
export type Bytes = {
  /** How many bytes will come; of a gzip'd file, how many can at most. */
  readonly most: number;
  readonly gzip: boolean;
  /** The next bytes, as many as there are room for; fewer only at the end. Returns how many. */
  fill(target: Uint8Array): Promise<number>;
  /** The next `count` bytes; fewer only at the end. For small counts. */
  take(count: number): Promise<Uint8Array>;
  /** All that is left, piece by piece. */
  rest(): AsyncIterable<Uint8Array>;
};

/**
 * Opens a file, hands its bytes to `use`, closes it. A string says why the file cannot be read: it is absent, damaged, or larger than `LARGEST_FILE`.
 */
export async function readBytes<Result>(path: string, use: (bytes: Bytes) => Promise<Result>): Promise<Result | string> {
  let file: FileHandle | undefined;
  let source: Chunks | undefined;
  try {
    const about = await stat(path);
    if (about.isDirectory()) return 'is a folder; a file is expected';
    if (!about.isFile()) return 'is not a regular file';
    if (about.size > LARGEST_FILE) return `has ${about.size} bytes; at most ${LARGEST_FILE} are read`;
    file = await open(path);
    const gzip = await isGzip(file);
    source = chunks(path, gzip);
    return await use(buffered(source, gzip ? about.size * DEFLATE_LIMIT : about.size, gzip));
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    return reason;
  } finally {
    await source?.return(undefined);
    await file?.close();
  }
}

/** A whole file of at most `largest` bytes, as it is. */
export const readWhole = (path: string, largest: number): Promise<Uint8Array<ArrayBuffer> | string> =>
  readBytes(path, async ({ most, gzip, fill }) => {
    if (gzip) return "is gzip'd; unpack it first";
    if (most > largest) return `has ${most} bytes; at most ${largest} are read`;
    const data = new Uint8Array(most);
    return data.subarray(0, await fill(data));
  });

/** A file's size in bytes, 0 where there is none: whoever reads it says why. */
export const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    (about) => about.size,
    () => 0,
  );

/** Bytes that are in memory already. */
export function bytesOf(data: Uint8Array): Bytes {
  async function* once(): Chunks {
    yield data;
  }
  return buffered(once(), data.length, false);
}

/** Why the system or the unpacker refused; undefined where the error is no fault of the file. */
export function fileReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const code = String(error.code);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  if (code === 'EISDIR') return 'is a folder; a file is expected';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read (permission denied)';
  if (code === 'Z_BUF_ERROR') return 'is truncated: its gzip data end too early';
  if (code.startsWith('Z_')) return `holds damaged gzip data (${error.message})`;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  return /^E[A-Z0-9]+$/.test(code) ? `cannot be read (${code})` : undefined;
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { bytesRead, buffer } = await file.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/** Deflate cannot shrink bytes to less than 1/1032: a match of 258 bytes takes two bits. */
export const DEFLATE_LIMIT = 1032;

function buffered(source: Chunks, most: number, gzip: boolean): Bytes {
  let chunk: Uint8Array = new Uint8Array(0);
  const next = async (): Promise<boolean> => {
    while (chunk.length === 0) {
      const { done, value } = await source.next();
      if (done) return false;
      chunk = value;
    }
    return true;
  };
  const fill = async (target: Uint8Array): Promise<number> => {
    let filled = 0;
    while (filled < target.length && (await next())) {
      const part = chunk.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
    }
    return filled;
  };
  return {
    most,
    gzip,
    fill,
    async take(count) {
      const bytes = new Uint8Array(count);
      return bytes.subarray(0, await fill(bytes));
    },
    async *rest() {
      for (; await next(); chunk = new Uint8Array(0)) yield chunk;
    },
  };
}

type Chunks = AsyncGenerator<Uint8Array, undefined, undefined>;

async function* chunks(path: string, gzip: boolean): Chunks {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  if (!gzip) {
    yield* file;
    return;
  }
  const unpacked = createGunzip({ chunkSize: CHUNK });
  pipeline(file, unpacked, () => {}); // an error of either ends the loop below
  yield* unpacked;
}

const CHUNK = 1 << 18;
