import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { createRandom, type Random } from '../../random.ts';
import { drawGesture, GESTURE_STEPS, GESTURES } from './draw.ts';

/** How many recordings of each split; the same choice gives the same bytes everywhere. */
export type GesturesOptions = { readonly train: number; readonly test: number; readonly seed: number };

export const GESTURE_COUNTS: GesturesOptions = { train: 3000, test: 1000, seed: 1 };

/** Writes the example's one archive into a folder that is made if need be. */
export async function generateGestures(folder: string, options: GesturesOptions = GESTURE_COUNTS): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'gestures.npz');
  await writeFile(`${path}.part`, gesturesArchive(options));
  await rename(`${path}.part`, path);
}

/** An `.npz` of float32 recordings [N, steps, 3] and uint8 labels [N] for both splits. */
export function gesturesArchive({ train, test, seed }: GesturesOptions): Uint8Array {
  const random = createRandom(seed).fork('gestures');
  const arrays = [['train', train] as const, ['test', test] as const].flatMap(([split, count]) => {
    const { recordings, labels } = drawSplit(random.fork(split), count);
    return [
      [`x_${split}.npy`, npy('<f4', [count, GESTURE_STEPS, 3], new Uint8Array(recordings.buffer))] as const,
      [`y_${split}.npy`, npy('|u1', [count], labels)] as const,
    ];
  });
  // The earliest time that a zip archive can tell.
  return zipSync(Object.fromEntries(arrays), { mtime: '1980-01-01T00:00:00' });
}

function drawSplit(random: Random, count: number): { recordings: Float32Array; labels: Uint8Array } {
  const labels = random.shuffle(Uint8Array.from({ length: count }, (_, i) => i % GESTURES.length));
  const recordings = new Float32Array(count * GESTURE_STEPS * 3);
  labels.forEach((label, i) => {
    recordings.set(drawGesture(random, GESTURES[label]), i * GESTURE_STEPS * 3);
  });
  return { recordings, labels };
}

/** NumPy's format 1.0: magic, version, the header's length, a dictionary padded to 64 bytes, the values as they lie (little-endian). */
function npy(type: '<f4' | '|u1', extents: readonly number[], values: Uint8Array): Uint8Array {
  const shape = extents.length === 1 ? `(${extents[0]},)` : `(${extents.join(', ')})`;
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = dictionary.padEnd(Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 11);
  const head = new Uint8Array([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, (padded.length + 1) & 255, (padded.length + 1) >> 8]);
  return Buffer.concat([head, new TextEncoder().encode(`${padded}\n`), values]);
}
