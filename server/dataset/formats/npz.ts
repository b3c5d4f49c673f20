import { type Unzipped, unzipSync } from 'fflate';
import type { NumberArray } from '../array.ts';
import { DEFLATE_LIMIT, LARGEST_FILE, readWhole } from '../bytes.ts';
import { parseNpy } from './npy.ts';

/** The first array of a NumPy .npz archive whose name (without .npy) is one of `names`. */
export async function readNpz(path: string, names: readonly string[]): Promise<NumberArray | string> {
  const archive = await readWhole(path, LARGEST_FILE);
  if (typeof archive === 'string') return archive;
  const entry = unpack(archive, names);
  if (typeof entry === 'string') return entry;
  const array = await parseNpy(entry.bytes);
  return typeof array === 'string' ? `holds ${entry.name}, which ${array}` : array;
}

function unpack(archive: Uint8Array, names: readonly string[]): { name: string; bytes: Uint8Array } | string {
  const entries = list(archive);
  if (typeof entries === 'string') return entries;
  const name = names.map((each) => `${each}.npy`).find((each) => entries.has(each));
  if (name === undefined) return `holds ${[...entries.keys()].join(', ') || 'nothing'}; one of ${names.join(', ')} is expected`;
  const { packed, unpacked } = entries.get(name)!;
  if (unpacked > LARGEST_FILE) return `says that ${name} unpacks to ${unpacked} bytes; at most ${LARGEST_FILE} are read`;
  if (packed > archive.length || unpacked > packed * DEFLATE_LIMIT)
    return `is damaged: ${name} cannot unpack from ${packed} to ${unpacked} bytes`;
  const bytes = unzip(archive, name)?.[name];
  return bytes ? { name, bytes } : `is damaged: ${name} cannot be unpacked`;
}

type Entry = { readonly packed: number; readonly unpacked: number };

/** A damaged directory may claim billions. */
const MOST_ENTRIES = 1000;

function list(archive: Uint8Array): Map<string, Entry> | string {
  const entries = new Map<string, Entry>();
  const seen = (name: string, entry: Entry): false => {
    if (entries.has(name) || entries.size === MOST_ENTRIES) throw new RangeError('damaged directory');
    entries.set(name, entry);
    return false;
  };
  try {
    unzipSync(archive, { filter: ({ name, size, originalSize }) => seen(name, { packed: size, unpacked: originalSize }) });
  } catch {
    return 'is not a .npz archive, or is truncated: its directory cannot be read';
  }
  return entries;
}

/** The archive may say anything of itself, and the unpacker answers with all kinds of errors. */
function unzip(archive: Uint8Array, name: string): Unzipped | undefined {
  try {
    return unzipSync(archive, { filter: (file) => file.name === name });
  } catch {
    return undefined;
  }
}
