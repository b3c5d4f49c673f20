/**
 * Batch norm. In training the statistics are those of the block's valid samples, and the running moments follow them;
 * with `inference` the running moments are used. `statistics` keeps, per channel, the mean and 1 / deviation used; `lanes` has all bits set where a sample is valid.
 */
export class Normalise {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  gamma: i32 = 0;
  beta: i32 = 0;
  mean: i32 = 0;
  variance: i32 = 0;
  statistics: i32 = 0;
  lanes: i32 = 0;
  settings: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  relu: i32 = 0;
  inference: i32 = 0;
}

/** The gradient of batch norm in training; `gammaSums` and `betaSums` hold four lanes per channel. */
export class NormaliseGradient {
  inputGradient: i32 = 0;
  inputGradientChannel: i32 = 0;
  inputGradientRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  gamma: i32 = 0;
  statistics: i32 = 0;
  gammaSums: i32 = 0;
  betaSums: i32 = 0;
  lanes: i32 = 0;
  settings: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}
