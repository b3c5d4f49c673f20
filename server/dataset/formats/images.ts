import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MOST_SAMPLES } from '../array.ts';
import { fileReason, LARGEST_FILE, readBytes, readWhole } from '../bytes.ts';
import { MOST_LABELS } from '../labels.ts';
import { decodePng, HEAD_BYTES, headPng, type ImageHead } from '../png.ts';
import { type Format, type Head, refuse } from './format.ts';

/** A folder with one folder of PNG images per class, named like the class; all images of one size. Files whose name begins with a dot are passed over. */
export const images: Format = {
  async read(files) {
    const listing = await list(files.samples);
    if (typeof listing === 'string') return refuse('samples', listing);
    const values = await readPixels(files.samples, listing);
    if (typeof values === 'string') return refuse('samples', values);
    return { ...headOf(listing, values.head), values: values.pixels };
  },
  async head(files) {
    const listing = await list(files.samples);
    if (typeof listing === 'string') return refuse('samples', listing);
    const path = listing.paths[0];
    const start = await readBytes(join(files.samples, path), (bytes) => bytes.take(HEAD_BYTES));
    const head = typeof start === 'string' ? start : headPng(start);
    return typeof head === 'string' ? refuse('samples', `holds ${path}, which ${head}`) : headOf(listing, head);
  },
};

const LARGEST_IMAGE_FILE = 2 ** 26;

type Listing = {
  readonly classes: readonly string[];
  /** Below the folder, class by class. */
  readonly paths: readonly string[];
  readonly index: Uint16Array;
};

const headOf = ({ paths, classes, index }: Listing, { height, width, channels }: ImageHead): Head => ({
  count: paths.length,
  extents: [height, width, channels],
  labels: { names: classes, index },
});

async function list(folder: string): Promise<Listing | string> {
  const entries = await readFolder(folder);
  if (typeof entries === 'string') return entries;
  const stray = entries.find((entry) => !entry.isDirectory());
  if (stray) return `holds ${stray.name}, which is not a folder; one folder of PNG images per class is expected`;
  if (entries.length > MOST_LABELS) return `holds ${entries.length} folders; at most ${MOST_LABELS} classes are read`;
  const paths: string[] = [];
  const index: number[] = [];
  for (const [place, { name }] of entries.entries()) {
    const files = await readFolder(join(folder, name));
    if (typeof files === 'string') return `holds ${name}, which ${files}`;
    const other = files.find((file) => !file.isFile() || !/\.png$/i.test(file.name));
    if (other) return `holds ${name}/${other.name}, which is not a PNG image`;
    if (paths.length + files.length > MOST_SAMPLES) return `holds more than ${MOST_SAMPLES} images`;
    for (const file of files) {
      paths.push(`${name}/${file.name}`);
      index.push(place);
    }
  }
  if (paths.length === 0) return 'holds no images; one folder of PNG images per class is expected';
  return { classes: entries.map((entry) => entry.name), paths, index: Uint16Array.from(index) };
}

/** In an order that is the same on every machine. */
async function readFolder(folder: string): Promise<Dirent[] | string> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const kept = entries.filter(({ name }) => !name.startsWith('.') && !LITTER.has(name.toLowerCase()));
    return kept.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    return reason;
  }
}

/** What file managers leave behind. */
const LITTER = new Set(['thumbs.db', 'desktop.ini']);

async function readPixels(folder: string, { paths }: Listing): Promise<{ head: ImageHead; pixels: Uint8Array } | string> {
  let head: ImageHead | undefined;
  let pixels = new Uint8Array(0);
  for (const [place, path] of paths.entries()) {
    const file = await readWhole(join(folder, path), LARGEST_IMAGE_FILE);
    const image = typeof file === 'string' ? file : decodePng(file);
    if (typeof image === 'string') return `holds ${path}, which ${image}`;
    if (!head) {
      head = image;
      const total = paths.length * image.pixels.length;
      if (total > LARGEST_FILE) return `holds ${paths.length} images of ${describe(image)}; at most ${LARGEST_FILE} bytes are read`;
      pixels = new Uint8Array(total);
    }
    if (describe(image) !== describe(head))
      return `holds ${path}, which is ${describe(image)}; the first image, ${paths[0]}, is ${describe(head)}`;
    pixels.set(image.pixels, place * image.pixels.length);
  }
  return { head: head!, pixels };
}

const describe = ({ height, width, channels }: ImageHead): string =>
  `${height}x${width} ${['', 'grey', 'grey', 'RGB', 'RGB with alpha'][channels]}`;
