/**
 * A convolution, a dense layer (one row of one column, each input value a tap) and the input gradient of either.
 * `taps` lists byte offsets from the input pixel, row of the kernel by row; weights are packed `[channel / 4][tap][4]`.
 * Instead of `outputChannel` a table may give each channel's offset (`outputTable`, `maskTable`).
 * Where the plane `mask` is not positive the output is zero: the gradient of the ReLU that made it.
 * While the word at `sparse` is set, lists of the taps that are not masked replace `taps` and `weights` (`operators/sparse.ts`).
 */
export class Convolve {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  outputColumn: i32 = 0;
  outputTable: i32 = 0;
  input: i32 = 0;
  inputRow: i32 = 0;
  inputColumn: i32 = 0;
  inputRows: i32 = 0;
  taps: i32 = 0;
  kernelRows: i32 = 0;
  rowTaps: i32 = 0;
  stride: i32 = 0;
  padTop: i32 = 0;
  weights: i32 = 0;
  bias: i32 = 0;
  mask: i32 = 0;
  maskChannel: i32 = 0;
  maskRow: i32 = 0;
  maskColumn: i32 = 0;
  maskTable: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  relu: i32 = 0;
  sparse: i32 = 0;
  starts: i32 = 0;
  values: i32 = 0;
}

/**
 * Adds the weights' gradient to `sums`, four lanes per weight, packed like the weights, and the bias' to `biasSums`. `rowsAtOnce` output
 * rows stay in the nearest cache. `sparse` as in `Convolve`; then `allSums` is the first sum of the tensor, and a channel has `listRows` lists, all of them read at once
 * where `kernelRows` is 1.
 */
export class ConvolveWeights {
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  gradientColumn: i32 = 0;
  input: i32 = 0;
  inputRow: i32 = 0;
  inputColumn: i32 = 0;
  inputRows: i32 = 0;
  taps: i32 = 0;
  kernelRows: i32 = 0;
  rowTaps: i32 = 0;
  stride: i32 = 0;
  padTop: i32 = 0;
  sums: i32 = 0;
  biasSums: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  rowsAtOnce: i32 = 0;
  sparse: i32 = 0;
  starts: i32 = 0;
  allSums: i32 = 0;
  listRows: i32 = 0;
}
