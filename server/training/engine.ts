import type { InputEncoding, Samples } from '../dataset/dataset.ts';
import type { Network, Parameters } from '../network/network.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';

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
  /** A training to go on with; instead of `parameters`. */
  readonly state?: TrainingState;
  readonly augmentation?: Augmentation;
  /** Cross-entropy without it. */
  readonly loss?: LossRecipe;
  /** Adam without it. */
  readonly optimiser?: OptimiserRecipe;
  /** How weights are regularised or masked while they are learned; an engine that cannot refuses. */
  readonly form?: WeightForm;
  /** The share of the inputs of dense layers that each sample leaves out at random while weights are learned. */
  readonly dropout?: number;
  /** Computes as the int8 network will; the network has no batch norm. */
  readonly quantized?: QuantizedTraining;
};

export type QuantizedTraining = {
  /** The extremes of each layer's output, from which the activations' scales come, as in `quantize`. */
  readonly ranges: ReadonlyMap<string, { readonly min: number; readonly max: number }>;
  /** The scales are learned as well, from those that the ranges and weights give; `ranges` and `read` then tell what they have become. */
  readonly learnedStep?: boolean;
  /** These, whatever the weights are: to evaluate a network that is quantised already. */
  readonly integers?: QuantizedNetwork;
};

/** See `forms/`. */
export type WeightForm = 'variational' | 'bayesian' | 'feedback';

export type OptimiserRecipe = {
  readonly kind: 'adam' | 'sgd';
  /** Of SGD: the share of the last step in the next, 0..1. */
  readonly momentum?: number;
  /** The longest that a step's gradient, as one vector, may be; a longer one is shortened. */
  readonly clip?: number;
  /** The share of the old in an exponential average of the weights, below 1; the average is what is evaluated and read. */
  readonly average?: number;
};

export type LossRecipe = {
  /** Cross-entropy of the softmax, or half the mean square of logits less one-hot labels. */
  readonly kind?: 'crossEntropy' | 'meanSquare';
  /** The share of each label that is spread over all classes (Szegedy et al. 2016). */
  readonly smoothing?: number;
  /** What a sample counts, by its class. */
  readonly classWeights?: readonly number[];
  readonly distillation?: Distillation;
};

/** Hinton, Vinyals and Dean 2015: the loss is (1 - share) of the labels' and share * temperature^2 of the cross-entropy with the teacher. */
export type Distillation = {
  /** The teacher's logits [count, classes] for the training samples. */
  readonly teacher: Float32Array;
  readonly temperature: number;
  readonly share: number;
};

/** Everything that training goes on from. */
export type TrainingState = {
  readonly steps: number;
  /** Blocks that batch norm's moments have seen. */
  readonly blocks: number;
  /** Steps in which scales were learned, where they are. */
  readonly formSteps?: number;
  /** By role, laid out like the parameters: the learned `value`, the optimiser's `first` and `second` moments, what the form keeps. */
  readonly tensors: { readonly [role: string]: Parameters };
};

/** Seeded variation of the training samples. */
export type Augmentation = {
  /** Each sample is moved by up to that many whole rows and columns (time steps of a series); its edge is repeated. */
  readonly shift: number;
  /** Each is turned about its middle by up to that many radians, either way; a series is not. */
  readonly rotate?: number;
  /** Each is stretched about its middle by up to that share, either way; a series along its time. */
  readonly scale?: number;
  /** Half of them are mirrored, left to right; a series is not. */
  readonly flip?: boolean;
  /** A hole of that share of the height and of the width, 0..1; of a series, of its time. */
  readonly cutout?: number;
  /** Normal noise of that deviation, in bytes. */
  readonly noise?: number;
  /** Mixes samples and their labels, by a share from Beta(mixup, mixup); at most 1. A teacher's logits are not mixed. */
  readonly mixup?: number;
};

export type StepRate = {
  readonly learningRate: number;
  /** Decoupled weight decay (AdamW, Loshchilov and Hutter 2019); 0 is Adam. */
  readonly weightDecay: number;
  /** Of the forms that have a divergence from a prior: how much of it counts, 0..1 (warm-up); 1 without it. */
  readonly divergence?: number;
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
  /** A copy of all that training goes on from, where the engine can give it. */
  state?(): TrainingState;
  /** Of the forms with noise: log alpha of every weight, laid out like the parameters; where it is large the weight may go. */
  logAlpha?(): Parameters;
  /**
   * Of the form `feedback`: from now on all but the largest weights are masked, that share of them, and the mask is made anew as they move. With
   * `left` whole channels are masked first, all but so many of each group of the network's trace; the share is then of the weights left.
   */
  mask?(sparsity: number, left?: readonly number[]): void;
  close(): void;
}

export interface Engine {
  /** Names the implementation and its variant, as recorded with a run: results repeat bit for bit only on the same variant. */
  readonly variant: string;
  /** Whether it can compute as the int8 network will. */
  readonly quantizes?: boolean;
  open(options: SessionOptions): Session;
}
