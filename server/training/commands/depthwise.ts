/** A depthwise convolution or its input gradient. `taps` lists pairs: byte offset from the input pixel, byte offset of the weight. */
export class Depthwise {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  outputColumn: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  inputColumn: i32 = 0;
  inputRows: i32 = 0;
  taps: i32 = 0;
  kernelRows: i32 = 0;
  rowTaps: i32 = 0;
  stride: i32 = 0;
  padTop: i32 = 0;
  weights: i32 = 0;
  weightsChannel: i32 = 0;
  bias: i32 = 0;
  mask: i32 = 0;
  maskChannel: i32 = 0;
  maskRow: i32 = 0;
  maskColumn: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  relu: i32 = 0;
}

/**
 * The input gradient of a 3x3 depthwise convolution by steps of two rows and two columns. `none` is a row of zeros, `spill` one that
 * nobody reads, both as long as the longer of the two planes' rows and two pixels more, from their second pixel on.
 */
export class DepthwiseUnstride {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  outputRows: i32 = 0;
  outputColumns: i32 = 0;
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  mask: i32 = 0;
  maskChannel: i32 = 0;
  maskRow: i32 = 0;
  weights: i32 = 0;
  padTop: i32 = 0;
  padLeft: i32 = 0;
  none: i32 = 0;
  spill: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
}

/** Adds a depthwise convolution's weight gradient to `sums`, four lanes per weight, packed `[channel][tap]`, the bias' to `biasSums`. */
export class DepthwiseWeights {
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
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
}
