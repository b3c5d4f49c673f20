import type { StoredBits } from './bits.ts';

/** Weights that pruning left. Of a stage without weights, none. */
export function nonZeros(weights: Float32Array | Int8Array = new Int8Array()): number {
  let count = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) count++;
  return count;
}

/**
 * A run: the number of its entries, then for each non-zero weight the step from the one before (from the run's first input) and the weight.
 * Weights of fewer than 8 bits share a byte with their step, which is below them; a step too long for that is made by entries of weight zero.
 */
export function encodeRun(weights: Int8Array, bits: StoredBits = 8): number[] {
  const bytes = [0];
  visitEntries(weights, 0, weights.length, bits, (step, weight) => {
    if (bits === 8) bytes.push(step, weight & 255);
    else bytes.push(((weight << (8 - bits)) & 255) | step);
    bytes[0]++;
  });
  return bytes;
}

/** Entries of the runs, each of `length` weights, that all the weights make. */
export function entriesOf(weights: Int8Array, length: number, bits: StoredBits): number {
  // A step of a byte reaches over any run.
  if (bits === 8) return nonZeros(weights);
  let entries = 0;
  for (let from = 0; from < weights.length; from += length)
    visitEntries(weights, from, from + length, bits, () => {
      entries++;
    });
  return entries;
}

/** Bytes of an entry of a run. */
export const entryBytes = (bits: StoredBits): number => (bits === 8 ? 2 : 1);

/** The longest step that an entry makes. */
export const longestStep = (bits: StoredBits): number => (bits === 8 ? 255 : 2 ** (8 - bits) - 1);

function visitEntries(weights: Int8Array, from: number, to: number, bits: StoredBits, visit: (step: number, weight: number) => void): void {
  const longest = longestStep(bits);
  let at = from;
  for (let i = from; i < to; i++) {
    if (weights[i] === 0) continue;
    for (; i - at > longest; at += longest) visit(longest, 0);
    visit(i - at, weights[i]);
    at = i;
  }
}

/** Weights in order, eight at a time: a bit for each, set where it is not zero, the first lowest; then those that are not. */
export function encodeBitmap(weights: Int8Array): number[] {
  const bytes: number[] = [];
  for (let from = 0; from < weights.length; from += 8) {
    const eight = weights.subarray(from, from + 8);
    bytes.push(eight.reduce((bits, weight, i) => bits | (Number(weight !== 0) << i), 0));
    for (const weight of eight) if (weight !== 0) bytes.push(weight & 255);
  }
  return bytes;
}
