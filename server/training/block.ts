import type { Samples } from '../dataset/dataset.ts';
import { elements, formatShape, type Shape, sameShape } from '../network/shape.ts';
import type { Random } from '../random.ts';
import { LANES } from './arena.ts';
import { createDistortion, drawTransform } from './augment.ts';
import type { Program } from './program.ts';

/** The place where a block of samples enters the arena. */
export type Block = {
  /** Copies the samples `indices[first ...]`, at most 16; the last one fills the lanes that are left. Returns how many are valid. */
  load(samples: Samples, indices: Uint32Array, first: number): number;
  /** How much of each sample is each class: [class][sample]. */
  readonly targets: readonly Float32Array[];
  /** Draws how each sample is varied, if samples are augmented. */
  vary(random: Random): void;
};

export function openBlock({ entrance, classes, lanes: lanesAt }: Program, buffer: ArrayBuffer): Block {
  const { sampleBytes: size, reach, augmentation, shape } = entrance;
  const targets = Array.from({ length: classes }, () => new Float32Array(LANES));
  const distort = augmentation && createDistortion(augmentation, shape, entrance.zeroPoint);
  const transforms = entrance.transforms === undefined ? undefined : new Float32Array(buffer, entrance.transforms, 6 * LANES);
  let loaded = 0;
  const bytes = new Uint8Array(buffer, entrance.bytes, LANES * size);
  // The same bytes: a buffer copies without a view for each sample.
  const place = Buffer.from(buffer, entrance.bytes, LANES * size);
  const labels = new Int32Array(buffer, entrance.labels, LANES);
  const shifts = new Int32Array(buffer, entrance.shifts, 2 * LANES);
  const lanes = new Int32Array(buffer, lanesAt, LANES);
  return {
    load({ x, labels: all }, indices, first) {
      const valid = Math.min(LANES, indices.length - first);
      const source = Buffer.from(x.buffer, x.byteOffset, x.length);
      for (let lane = 0; lane < LANES; lane++) {
        const index = indices[first + Math.min(lane, valid - 1)];
        source.copy(place, lane * size, index * size, (index + 1) * size);
        labels[lane] = all[index];
        lanes[lane] = lane < valid ? -1 : 0;
      }
      targets.forEach((row, k) => {
        for (let lane = 0; lane < LANES; lane++) row[lane] = Number(labels[lane] === k);
      });
      loaded = valid;
      return valid;
    },
    targets,
    vary(random) {
      distort?.(bytes, targets, loaded, random);
      if (reach.down + reach.right === 0 && !transforms) return;
      for (let lane = 0; lane < LANES; lane++) {
        shifts[2 * lane] = random.integer(2 * reach.down + 1) - reach.down;
        shifts[2 * lane + 1] = random.integer(2 * reach.right + 1) - reach.right;
        transforms?.set(drawTransform(augmentation!, shape, shifts[2 * lane], shifts[2 * lane + 1], random), 6 * lane);
      }
    },
  };
}

/** Samples that the network cannot take are a bug of the caller: the data set and the network were to be matched before. */
export function checkSamples(samples: Samples, input: Shape, classes: number): void {
  const { shape, count, x, labels } = samples;
  if (!sameShape(shape, input))
    throw new Error(`samples of ${formatShape(shape)} do not match the network's input of ${formatShape(input)}`);
  if (count < 1) throw new Error('there are no samples');
  if (x.length !== count * elements(shape) || labels.length !== count)
    throw new Error(`${count} samples need ${count * elements(shape)} bytes and ${count} labels, not ${x.length} and ${labels.length}`);
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) throw new Error(`sample ${wrong} has label ${labels[wrong]}; the network has ${classes} classes`);
}
