/**
 * What the kernels are told to do. This file is compiled twice: by AssemblyScript, where a class is the layout of a command in memory,
 * and as TypeScript, where the same class names the fields that the builder fills in (`encode.ts`). So it may hold nothing but number fields.
 *
 * Addresses are bytes in the arena. A plane is a tensor for one block of samples, `[channel][row][column + halo][16 samples]` of f32:
 * `output` is the address of its first value and `outputChannel`, `outputRow`, `outputColumn` its strides in bytes.
 * A zero address means that the part is absent. `relu` is 0 or 1.
 */

export const CONVOLVE: i32 = 1;
export const CONVOLVE_WEIGHTS: i32 = 2;
export const DEPTHWISE_UNSTRIDE: i32 = 3;
export const DEPTHWISE: i32 = 4;
export const DEPTHWISE_WEIGHTS: i32 = 5;
export const MAX_POOL: i32 = 6;
export const MAX_POOL_GRADIENT: i32 = 7;
export const AVERAGE_POOL: i32 = 8;
export const AVERAGE_POOL_GRADIENT: i32 = 9;
export const TRANSFER: i32 = 10;
export const NORMALISE: i32 = 11;
export const NORMALISE_GRADIENT: i32 = 12;
export const SOFTMAX: i32 = 13;
export const GATHER: i32 = 14;
export const PERMUTE: i32 = 15;
export const REDUCE: i32 = 16;
export const ADAM: i32 = 17;
export const RANGE: i32 = 18;
export const SHIFT: i32 = 19;
export const MOMENTUM: i32 = 20;
export const REQUANTIZE: i32 = 21;
export const REQUANTIZE_GRADIENT: i32 = 22;
export const WARP: i32 = 23;
export const STEP_GRADIENT: i32 = 24;
export const SKIP: i32 = 25;
export const WINOGRAD_INPUT: i32 = 26;
export const WINOGRAD_OUTPUT: i32 = 27;
export const WINOGRAD_GRADIENT: i32 = 28;
export const WINOGRAD_INPUT_GRADIENT: i32 = 29;
export const WINOGRAD_WEIGHTS: i32 = 30;
export const WINOGRAD_WEIGHTS_GRADIENT: i32 = 31;

/** Values that change from step to step or block to block, all f32, at one address that commands refer to as `settings`. */
export class Settings {
  /** Valid samples in the block, 1..16. */
  samples: f32 = 0;
  /** 1 / samples in the step. */
  lossScale: f32 = 0;
  /** Adam's rate and epsilon with both bias corrections folded in; of SGD the learning rate. */
  rate: f32 = 0;
  epsilon: f32 = 0;
  beta1: f32 = 0;
  beta2: f32 = 0;
  /** Learning rate times weight decay. */
  decay: f32 = 0;
  /** The share of this block in batch norm's running moments. */
  follow: f32 = 0;
  /** The share of the last step of SGD in the next. */
  momentum: f32 = 0;
}

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
 * Adds the weights' gradient to `sums`, four lanes per weight, packed like the weights, and the bias' to `biasSums`. `rowsAtOnce` output rows stay in the nearest cache.
 * `sparse` as in `Convolve`; then `allSums` is the first sum of the tensor, and a channel has `listRows` lists, all of them read at once
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

/** Adds a depthwise convolution's weight gradient to `sums`, four lanes per weight, packed `[channel][tap]`, and its bias' to `biasSums`. */
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

/** Max and average pooling. `input*` has `inputRows` x `inputColumns`; windows are clipped to it, so padding never wins a maximum. */
export class Pool {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  inputRows: i32 = 0;
  inputColumns: i32 = 0;
  kernelY: i32 = 0;
  kernelX: i32 = 0;
  strideY: i32 = 0;
  strideX: i32 = 0;
  padTop: i32 = 0;
  padLeft: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  relu: i32 = 0;
}

/** The gradient of max or average pooling. With `gate` it stops where the input, made by a ReLU, is zero. */
export class PoolGradient {
  inputGradient: i32 = 0;
  inputGradientChannel: i32 = 0;
  inputGradientRow: i32 = 0;
  input: i32 = 0;
  inputChannel: i32 = 0;
  inputRow: i32 = 0;
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  inputRows: i32 = 0;
  inputColumns: i32 = 0;
  kernelY: i32 = 0;
  kernelX: i32 = 0;
  strideY: i32 = 0;
  strideX: i32 = 0;
  padTop: i32 = 0;
  padLeft: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
  gate: i32 = 0;
}

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

/** Softmax cross-entropy of the block: the logits' gradient, and the block's share of the mean loss added to `loss` (f32). `labels` are i32. */
export class Softmax {
  logits: i32 = 0;
  logitsChannel: i32 = 0;
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  labels: i32 = 0;
  loss: i32 = 0;
  settings: i32 = 0;
  channels: i32 = 0;
}

/**
 * Turns 16 samples of bytes `[sample][row][column][channel]` into a plane; 16 bytes more may be read. `encoding` is the zero point
 * and 1 / deviation (f32), `scratch` 256 bytes.
 */
export class Gather {
  output: i32 = 0;
  outputChannel: i32 = 0;
  outputRow: i32 = 0;
  bytes: i32 = 0;
  encoding: i32 = 0;
  scratch: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/** Moves each of 16 samples of bytes by its own pair of `shifts` (i32: rows down, columns right), repeating the edge. */
export class Shift {
  output: i32 = 0;
  input: i32 = 0;
  shifts: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/**
 * Turns, stretches and moves each of 16 samples of bytes by its own six numbers of `transforms` (f32), as in `augment.ts`; values between
 * pixels are interpolated, and the edge repeats.
 */
export class Warp {
  output: i32 = 0;
  input: i32 = 0;
  transforms: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/** output[i] = input[index[i]], zero where the index is negative. */
export class Permute {
  output: i32 = 0;
  input: i32 = 0;
  index: i32 = 0;
  count: i32 = 0;
}

/** gradient[i] = the sum of the four lanes of sums[i], which are cleared. */
export class Reduce {
  gradient: i32 = 0;
  sums: i32 = 0;
  count: i32 = 0;
}

/** One Adam step; weights outside the bit mask `keep` become zero. `count` is a multiple of 4; `decays` says whether weight decay applies. */
export class Adam {
  weights: i32 = 0;
  gradient: i32 = 0;
  mean: i32 = 0;
  variance: i32 = 0;
  keep: i32 = 0;
  settings: i32 = 0;
  count: i32 = 0;
  decays: i32 = 0;
}

/** One step of SGD with momentum; fields as in `Adam`. */
export class Momentum {
  weights: i32 = 0;
  gradient: i32 = 0;
  velocity: i32 = 0;
  keep: i32 = 0;
  settings: i32 = 0;
  count: i32 = 0;
  decays: i32 = 0;
}

/**
 * Turns sums into activations, whole numbers in f32, in place: floor((gain * x * multiplier + half) * inverse), held between low and high.
 * `code` (f64) is half, inverse, gain, low, high; `multipliers` (f64) has one for each channel. See the quantise room's arithmetic.
 */
export class Requantize {
  plane: i32 = 0;
  planeChannel: i32 = 0;
  planeRow: i32 = 0;
  code: i32 = 0;
  multipliers: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/** The straight-through gradient of `Requantize`, in place: none where the activation was held at a bound. */
export class RequantizeGradient {
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  plane: i32 = 0;
  planeChannel: i32 = 0;
  planeRow: i32 = 0;
  code: i32 = 0;
  multipliers: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
}

/**
 * Adds to `slope` (4 lanes of f32) the sum of gradient x slope of what `Requantize` made of `sums` by the size of its step, the step taken
 * for 1: the rounding error, and beyond a bound the bound itself (Esser et al. 2020, equation 3). `gradient`, by the activations, becomes
 * that by the sums: none beyond a bound.
 */
export class StepGradient {
  gradient: i32 = 0;
  gradientChannel: i32 = 0;
  gradientRow: i32 = 0;
  sums: i32 = 0;
  sumsChannel: i32 = 0;
  sumsRow: i32 = 0;
  code: i32 = 0;
  multipliers: i32 = 0;
  slope: i32 = 0;
  channels: i32 = 0;
  rows: i32 = 0;
  columns: i32 = 0;
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

/** Passes over the next `bytes` of commands where the word at `flag` is set and `set` is 1, or is not and `set` is 0. */
export class Skip {
  flag: i32 = 0;
  set: i32 = 0;
  bytes: i32 = 0;
}

/*
 * Convolutions by Winograd's products (`kernels/winograd.ts`). What is transformed lies as `[product][channel][row][tile][16 samples]`,
 * rows without halo: `inputPoint` and `outputPoint` are the strides from product to product. `taps`, 3 or 5, are those of a kernel row.
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

/** Transforms weights: `index` (i32) names the first of a row's taps for each place of the output, or is negative; taps are `tap` bytes apart. */
export class WinogradWeights {
  taps: i32 = 0;
  output: i32 = 0;
  outputPoint: i32 = 0;
  weights: i32 = 0;
  index: i32 = 0;
  tap: i32 = 0;
  count: i32 = 0;
}

/** Adds the gradient of transformed weights, four lanes each, to `sums`, that of the weights, and clears it; fields as in `WinogradWeights`. */
export class WinogradWeightsGradient {
  taps: i32 = 0;
  sums: i32 = 0;
  input: i32 = 0;
  inputPoint: i32 = 0;
  index: i32 = 0;
  tap: i32 = 0;
  count: i32 = 0;
}
