import type { Samples } from '../dataset/dataset.ts';
import { elements, formatShape, type Shape, sameShape } from '../network/shape.ts';
import { LANES } from './arena.ts';
import type { Program } from './program.ts';

/** The place where a block of samples enters the arena. */
export type Block = {
  /** Copies the samples `indices[first ...]`, at most 16; the last one fills the lanes that are left. Returns how many are valid. */
  load(samples: Samples, indices: Uint32Array, first: number): number;
};

export function openBlock(program: Program, buffer: ArrayBuffer): Block {
  const size = elements(program.input);
  const bytes = new Uint8Array(buffer, program.bytes, LANES * size);
  const labels = new Int32Array(buffer, program.labels, LANES);
  const lanes = new Int32Array(buffer, program.lanes, LANES);
  return {
    load({ x, labels: all }, indices, first) {
      const valid = Math.min(LANES, indices.length - first);
      for (let lane = 0; lane < LANES; lane++) {
        const index = indices[first + Math.min(lane, valid - 1)];
        bytes.set(x.subarray(index * size, (index + 1) * size), lane * size);
        labels[lane] = all[index];
        lanes[lane] = lane < valid ? -1 : 0;
      }
      return valid;
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
