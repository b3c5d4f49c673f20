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
