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
