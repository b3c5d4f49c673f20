import { tidyRate, tidyShare } from '../sample.ts';
import type { Morph } from './morph.ts';

/** µNAS: a child's sparsity is its parent's plus N(0, 0.05). */
export const SPARSITY_STEP = 0.05;

export const changeStructured: Morph = (genotype, space, random) => {
  const structured = tidyShare(genotype.pruning.structured + SPARSITY_STEP * random.normal(), space.structured);
  return { ...genotype, pruning: { ...genotype.pruning, structured } };
};

export const changeUnstructured: Morph = (genotype, space, random) => {
  const unstructured = tidyShare(genotype.pruning.unstructured + SPARSITY_STEP * random.normal(), space.unstructured);
  return { ...genotype, pruning: { ...genotype.pruning, unstructured } };
};

/** Times 10^N(0, 0.2): two in three children stay within a factor of 1.6. Ours, the paper gives no step. */
export const changeLearningRate: Morph = (genotype, space, random) => {
  const learningRate = tidyRate(genotype.training.learningRate * 10 ** (0.2 * random.normal()), space.learningRate);
  return { ...genotype, training: { ...genotype.training, learningRate } };
};

export const changeWeightDecay: Morph = (genotype, space, random) => {
  const weightDecay = tidyRate(genotype.training.weightDecay * 10 ** (0.4 * random.normal()), space.weightDecay);
  return { ...genotype, training: { ...genotype.training, weightDecay } };
};
