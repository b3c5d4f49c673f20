/** Weights that pruning left. Of a stage without weights, none. */
export function nonZeros(weights: Float32Array | Int8Array = new Int8Array()): number {
  let count = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) count++;
  return count;
}

/** A run: the number of its non-zero weights, then for each the step from the one before (from the run's first input) and the weight. */
export function encodeRun(weights: Int8Array): number[] {
  const bytes = [0];
  let at = 0;
  weights.forEach((weight, i) => {
    if (weight === 0) return;
    bytes.push(i - at, weight & 255);
    bytes[0]++;
    at = i;
  });
  return bytes;
}
