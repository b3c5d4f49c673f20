/*
 * Convolutions by Winograd's products (`kernels/winograd/winograd.ts`). What is transformed lies as
 * `[product][channel][row][tile][16 samples]`, rows without halo: `inputPoint` and `outputPoint` are the strides from product to product. `taps`, 3 or 5, are those of a kernel row.
 * `none` is a pixel of zeros, `spill` one that nobody reads.
 */

/** Transforms the rows of an input that is padded by `padLeft` columns. */
export class WinogradInput {
  taps: i32 = 0;
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputPoint: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  none: i32 = 0;
  padLeft: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  tiles: i32 = 0;
}

/** Makes rows of a convolution's output of their products. */
export class WinogradOutput {
  taps: i32 = 0;
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputPoint: i32 = 0;
  bias: i32 = 0;
  spill: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  tiles: i32 = 0;
  relu: i32 = 0;
}

/** Transforms the gradient of a convolution's output, and adds each channel's sum to `biasSums`, four lanes per channel. */
export class WinogradGradient {
  taps: i32 = 0;
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputPoint: i32 = 0;
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  biasSums: i32 = 0;
  none: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  tiles: i32 = 0;
}

/** Makes rows of the input's gradient of their products; zero where the plane `mask` is not positive. */
export class WinogradInputGradient {
  taps: i32 = 0;
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputPoint: i32 = 0;
  mask: i32 = 0;
  maskChannel: i32 = 0;
  maskRow: i32 = 0;
  padLeft: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  tiles: i32 = 0;
}

/** Transforms weights: for each place of the output `index` (i32) names the first of a row's taps, `tap` bytes apart, or is negative. */
export class WinogradWeights {
  taps: i32 = 0;
  output: i32 = 0;
  outputPoint: i32 = 0;
  weights: i32 = 0;
  index: i32 = 0;
  tap: i32 = 0;
  count: i32 = 0;
}

/** Adds the gradient of transformed weights, four lanes each, to `sums`, that of the weights, and clears it; else as `WinogradWeights`. */
export class WinogradWeightsGradient {
  taps: i32 = 0;
  sums: i32 = 0;
  input: i32 = 0;
  inputPoint: i32 = 0;
  index: i32 = 0;
  tap: i32 = 0;
  count: i32 = 0;
}
