import type { Shape } from '../network/shape.ts';
import type { Random } from '../random.ts';
import { LANES } from './arena.ts';
import type { Augmentation } from './engine.ts';
import { createNoise } from './forms/noise.ts';

/** Varies a block of samples: bytes `[sample][row][column][channel]`, and how much of each sample is each class, `[class][sample]`. */
export type Distortion = (bytes: Uint8Array, shares: readonly Float32Array[], valid: number, random: Random) => void;

/** What is done to the bytes before they are moved: flips, mixing, cutting out and noise, in that order. Cut pixels become the zero point. */
export function createDistortion({ flip, mixup, cutout, noise }: Augmentation, shape: Shape, zeroPoint: number): Distortion {
  const size = shape.height * shape.width * shape.channels;
  const table = noise
    ? { draw: undefined as ReturnType<typeof createNoise> | undefined, values: new Float32Array(LANES * size) }
    : undefined;
  return (bytes, shares, valid, random) => {
    const sample = (lane: number) => bytes.subarray(lane * size, (lane + 1) * size);
    if (flip && shape.height > 1) for (let lane = 0; lane < LANES; lane++) if (random.next() < 0.5) mirror(sample(lane), shape);
    if (mixup) mix(bytes, shares, size, valid, beta(mixup, random));
    if (cutout) for (let lane = 0; lane < LANES; lane++) cut(sample(lane), shape, cutout, zeroPoint, random);
    if (!table) return;
    table.draw ??= createNoise(random.fork('noise'));
    table.draw(table.values, random);
    for (let i = 0; i < table.values.length; i++) bytes[i] = Math.max(0, Math.min(255, Math.round(bytes[i] + noise! * table.values[i])));
  };
}

/**
 * How a sample is turned, stretched and moved, as six numbers: output pixel (row, column) reads the input at
 * (t0 row + t1 column + t2, t3 row + t4 column + t5). A series is stretched along its time alone.
 */
export function drawTransform(
  { rotate = 0, scale = 0 }: Augmentation,
  { height, width }: Shape,
  down: number,
  right: number,
  random: Random,
): number[] {
  const angle = height > 1 && width > 1 ? random.uniform(-rotate, rotate) : 0;
  const stretch = 1 / (1 + random.uniform(-scale, scale));
  const [cos, sin] = [Math.cos(angle) * stretch, Math.sin(angle) * stretch];
  const [row, column] = [(height - 1) / 2, (width - 1) / 2];
  return [cos, sin, row - cos * (row + down) - sin * (column + right), -sin, cos, column + sin * (row + down) - cos * (column + right)];
}

function mirror(sample: Uint8Array, { height, width, channels }: Shape): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width >> 1; x++) {
      for (let c = 0; c < channels; c++) {
        const [left, right] = [(y * width + x) * channels + c, (y * width + width - 1 - x) * channels + c];
        [sample[left], sample[right]] = [sample[right], sample[left]];
      }
    }
  }
}

/** Each sample becomes `share` of itself and the rest of the next one, and so do its labels (Zhang et al. 2018). */
function mix(bytes: Uint8Array, shares: readonly Float32Array[], size: number, valid: number, share: number): void {
  const before = bytes.slice(0, valid * size);
  for (let i = 0; i < before.length; i++) bytes[i] = Math.round(share * before[i] + (1 - share) * before[(i + size) % before.length]);
  for (const row of shares) {
    const labels = row.slice(0, valid);
    for (let lane = 0; lane < valid; lane++) row[lane] = share * labels[lane] + (1 - share) * labels[(lane + 1) % valid];
  }
}

/** A hole of that share of the height and of the width; of a series, of its time. */
function cut(sample: Uint8Array, { height, width, channels }: Shape, share: number, value: number, random: Random): void {
  const [rows, columns] = [Math.max(1, Math.round(share * height)), Math.max(1, Math.round(share * width))];
  const [top, left] = [random.integer(height - rows + 1), random.integer(width - columns + 1)];
  for (let y = top; y < top + rows; y++) sample.fill(value, (y * width + left) * channels, (y * width + left + columns) * channels);
}

/** From Beta(alpha, alpha), alpha at most 1 (Johnk 1964). */
function beta(alpha: number, random: Random): number {
  for (;;) {
    const [x, y] = [random.next() ** (1 / alpha), random.next() ** (1 / alpha)];
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}
