/**
 * Copies a plane; with `mask` zeroed where the mask is not positive, times the f32 at `factor`, with `accumulate` added to what is there,
 * with `relu` rectified, and with `ceiling` held at most at the f32 there.
 */
export class Transfer {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  mask: i32 = 0;
  maskChannel: i32 = 0;
  maskRow: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  accumulate: i32 = 0;
  relu: i32 = 0;
  factor: i32 = 0;
  ceiling: i32 = 0;
}

/** output[i] = input[index[i]], zero where the index is negative. */
export class Permute {
  output: i32 = 0;
  input: i32 = 0;
  index: i32 = 0;
  count: i32 = 0;
}

/** Widens `range` (4 lanes of minimum, 4 lanes of maximum) to the plane's values. */
export class Range {
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  range: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}
