import type { Augmentation, Distillation, LossRecipe, OptimiserRecipe, StepRate } from './engine.ts';

export type TrainingRecipe = {
  readonly epochs: number;
  /** Samples per step. */
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: Schedule;
  /** Epochs, a fraction too, in which the learning rate rises from 0; none without it. */
  readonly warmup?: number;
  readonly augmentation?: Augmentation;
  readonly optimiser?: OptimiserRecipe;
  readonly loss?: Omit<LossRecipe, 'classWeights' | 'distillation'> & { readonly classWeights?: ClassWeights };
  /** The network also learns from a wider one, trained before it by the same recipe. */
  readonly distillation?: DistillationRecipe;
  /** Share of the inputs of dense layers left out at random, 0..1. */
  readonly dropout?: number;
  readonly pruning: PruningRecipe;
  readonly quantization?: QuantizationRecipe;
};

/** What a sample counts, by the name of its class, 1 where none is said. `balanced`: all classes together count the same. */
export type ClassWeights = 'balanced' | { readonly [name: string]: number };

/** `width`: how many times as many filters and units the teacher has. */
export type DistillationRecipe = Pick<Distillation, 'temperature' | 'share'> & { readonly width: number };

/** Training in the int8 network's own arithmetic, from a network with its batch norm folded. */
export type QuantizationRecipe = {
  /** When it begins, as a share of the epochs; not before pruning ends. */
  readonly from: number;
  /** Scales are learned, from those that are measured as it begins. */
  readonly learnedStep?: boolean;
};

/**
 * After the warm-up, over the time that is left: `cosine` falls to 0 along half a wave; `step` falls to a tenth at a half and again at three
 * quarters; `oneCycle` rises from a tenth for three tenths of the time, and falls to 0 (Smith 2018).
 */
export type Schedule = keyof typeof schedules;

export type PruningRecipe = {
  /** `magnitude` without it. */
  readonly method?: PruningMethod;
  /** Share of the channels of each layer to remove, 0..0.9. */
  readonly structured: number;
  /** Share of the weights that are left to set to zero, 0..0.99. */
  readonly unstructured: number;
  /** When, as shares of the epochs. Weights go little by little; channels go between epochs, in the first half. */
  readonly from: number;
  readonly to: number;
};

/**
 * | method | weights | channels |
 * |---|---|---|
 * | magnitude | the smallest go for good, little by little | the weakest go, in three steps |
 * | feedback | the smallest are masked, and may come back until `to` | the weakest are masked, and may come back until `to` |
 * | variational | the noisiest go for good, little by little, and all that are noise | as magnitude |
 * | bayesian | as magnitude, and at `to` the inputs and channels that validation does not miss | the noisiest go at `to` |
 */
export type PruningMethod = 'magnitude' | 'variational' | 'bayesian' | 'feedback';

/** The rate after that many epochs, fractions included. */
export function rateAt(recipe: TrainingRecipe, time: number): StepRate {
  const { learningRate, weightDecay, schedule, warmup = 0, epochs } = recipe;
  const divergence = divergenceAt(recipe, time);
  if (time < warmup) return { learningRate: (learningRate * time) / warmup, weightDecay, divergence };
  const progress = Math.min(1, (time - warmup) / Math.max(1e-9, epochs - warmup));
  return { learningRate: learningRate * schedules[schedule](progress), weightDecay, divergence };
}

const schedules = {
  constant: () => 1,
  cosine: (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2,
  step: (progress: number) => (progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01),
  oneCycle: (progress: number) => (progress < 0.3 ? 0.1 + 3 * progress : (1 + Math.cos((Math.PI * (progress - 0.3)) / 0.7)) / 2),
};

/** How much of the divergence from the prior counts: none until pruning begins, all of it from halfway through. */
function divergenceAt({ pruning, epochs }: TrainingRecipe, time: number): number {
  return ramp(pruning.from * epochs, ((pruning.from + pruning.to) / 2) * epochs, time);
}

/**
 * The share of weights that are to be zero after that many epochs: fast at first and slow at the end
 * (Zhu and Gupta 2017, "To prune, or not to prune", equation 1, from sparsity 0).
 */
export const sparsityAt = (recipe: TrainingRecipe, time: number): number => recipe.pruning.unstructured * prunedAt(recipe, time);

/** The share of channels that are to be masked by then, likewise. */
export const maskedShareAt = (recipe: TrainingRecipe, time: number): number => recipe.pruning.structured * prunedAt(recipe, time);

function prunedAt({ pruning, epochs }: TrainingRecipe, time: number): number {
  return 1 - (1 - ramp(pruning.from * epochs, pruning.to * epochs, time)) ** 3;
}

/**
 * The share of channels that are to be gone when the epoch of that index (0 for the first) begins: in three equal steps over the first half
 * of the time of pruning, so that there is time to recover from them.
 */
export function channelShareAt({ pruning, epochs }: TrainingRecipe, epoch: number): number {
  const last = epochs - 1;
  const from = Math.min(last, pruning.from * epochs);
  const to = Math.min(last, ((pruning.from + pruning.to) / 2) * epochs);
  if (epoch < from) return 0;
  const step = 1 + Math.floor(ramp(from, to, epoch) * (STEPS - 1));
  return (pruning.structured * step) / STEPS;
}

const STEPS = 3;

/** How far `time` is on the way, 0..1. */
const ramp = (from: number, to: number, time: number): number => (time >= to ? 1 : Math.max(0, (time - from) / (to - from)));
