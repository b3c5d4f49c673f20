import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { createRandom, type Random } from '../../random.ts';
import { DIGIT_SIZE, drawDigit } from './draw.ts';

/** How many images of each split; the same choice gives the same bytes everywhere. */
export type DigitsOptions = { readonly train: number; readonly test: number; readonly seed: number };

export const DIGITS: DigitsOptions = { train: 6000, test: 1500, seed: 1 };

/** Writes the example's four files, named like those of MNIST, into a folder that is made if need be. Takes some seconds. */
export async function generateDigits(folder: string, options: DigitsOptions = DIGITS): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of digitsFiles(options)) {
    const path = join(folder, name);
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
  }
}

/** The files by name: gzip'd IDX, without a time in the gzip header. */
export function digitsFiles({ train, test, seed }: DigitsOptions): Map<string, Uint8Array> {
  const random = createRandom(seed).fork('digits');
  const files = new Map<string, Uint8Array>();
  for (const [prefix, count] of [['train', train] as const, ['t10k', test] as const]) {
    const { images, labels } = drawSplit(random.fork(prefix), count);
    files.set(`${prefix}-images-idx3-ubyte.gz`, pack([count, DIGIT_SIZE, DIGIT_SIZE], images));
    files.set(`${prefix}-labels-idx1-ubyte.gz`, pack([count], labels));
  }
  return files;
}

/** As many of each digit, in random order. */
function drawSplit(random: Random, count: number): { images: Uint8Array; labels: Uint8Array } {
  const labels = random.shuffle(Uint8Array.from({ length: count }, (_, i) => i % 10));
  const images = new Uint8Array(count * DIGIT_SIZE * DIGIT_SIZE);
  labels.forEach((digit, i) => {
    images.set(drawDigit(random, digit), i * DIGIT_SIZE * DIGIT_SIZE);
  });
  return { images, labels };
}

const UINT8 = 0x08;

function pack(extents: readonly number[], values: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * extents.length + values.length);
  const view = new DataView(file.buffer);
  file[2] = UINT8;
  file[3] = extents.length;
  extents.forEach((extent, axis) => {
    view.setUint32(4 + 4 * axis, extent);
  });
  file.set(values, 4 + 4 * extents.length);
  return gzipSync(file, { mtime: 0 });
}
