import { shareIn, tidyRate, tidyShare, usefulSparsity } from '../sample.ts';
import { another, type Morph } from './morph.ts';

/**
 * Of channels. µNAS steps by N(0, 0.05), which moves no more than one channel of most layers; a child that inherits its parent's strongest channels loses little by a longer one.
 */
export const CHANNEL_STEP = 0.12;
/** Of single weights, as µNAS does it. */
export const WEIGHT_STEP = 0.05;
/** How often pruning of single weights begins, at any share that is of use, or ends. */
const TURN = 0.15;

export const changeStructured: Morph = (genotype, space, random) => {
  const structured = tidyShare(genotype.pruning.structured + CHANNEL_STEP * random.normal(), space.structured);
  return { ...genotype, pruning: { ...genotype.pruning, structured } };
};

export const changeUnstructured: Morph = (genotype, space, random) => {
  const useful = usefulSparsity(space.unstructured);
  const before = genotype.pruning.unstructured;
  const pruned = before >= useful[0];
  const stepped = () => (pruned ? tidyShare(before + WEIGHT_STEP * random.normal(), useful) : before);
  const turned = () => (pruned ? space.unstructured[0] : shareIn(useful, random));
  const unstructured = useful[0] > space.unstructured[0] && random.next() < TURN ? turned() : stepped();
  return { ...genotype, pruning: { ...genotype.pruning, unstructured } };
};

export const changeMethod: Morph = (genotype, space, random) => {
  const method = another(space.methods, genotype.pruning.method, random);
  return method && { ...genotype, pruning: { ...genotype.pruning, method } };
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
