import type { InputEncoding, Samples } from '../dataset/dataset.ts';
import type { Network, Parameters } from '../network/network.ts';

/** What an engine is opened with. */
export type SessionOptions = {
  readonly network: Network;
  readonly encoding: InputEncoding;
  /** Samples per optimiser step. */
  readonly batch: number;
  /** Seeds the initial weights and the order of samples; the same seed gives the same weights, bit for bit, on one engine variant. */
  readonly seed: number;
  /** Weights to start from; missing layers are initialised. */
  readonly parameters?: Parameters;
  readonly augmentation?: Augmentation;
};

/** Seeded variation of the training samples. */
export type Augmentation = {
  /** Each sample is moved by up to that many whole rows and columns (time steps of a series); its edge is repeated. */
  readonly shift: number;
};

export type StepRate = {
  readonly learningRate: number;
  /** Decoupled weight decay (AdamW, Loshchilov and Hutter 2019); 0 is Adam. */
  readonly weightDecay: number;
};

export type Evaluation = {
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Share of samples whose largest logit is that of their class, 0..1. */
  readonly accuracy: number;
};

/** A network in training. Sessions are not shared between threads. */
export interface Session {
  /**
   * One pass over the samples in a new seeded order. `rate` is asked before each step with the progress through the pass, 0..1; it may
   * prune meanwhile (`read`, `write`, `freezeZeros`), and without a rate the pass ends. Returns the mean loss, or at once one that is not finite.
   */
  trainEpoch(samples: Samples, rate: (progress: number) => StepRate | undefined): number;
  evaluate(samples: Samples): Evaluation;
  /** The logits [count, classes] in the order of the samples. */
  predict(samples: Samples): Float32Array;
  /** The largest and smallest value that each layer's output takes over the samples, by layer name (the quantiser's calibration). */
  ranges(samples: Samples): ReadonlyMap<string, { readonly min: number; readonly max: number }>;
  /** A copy of the current weights. */
  read(): Parameters;
  /** Replaces the weights; optimiser state is kept. */
  write(parameters: Parameters): void;
  /** From now on weights that are zero stay zero (pruned weights are not revived by the optimiser). */
  freezeZeros(): void;
  close(): void;
}

export interface Engine {
  /** Names the implementation and its variant, as recorded with a run: results repeat bit for bit only on the same variant. */
  readonly variant: string;
  open(options: SessionOptions): Session;
}
