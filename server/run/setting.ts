import type { DataSet } from '../dataset/dataset.ts';
import { createRandom } from '../random.ts';
import type { Limits, Objective } from '../search/objective.ts';
import { type Bounds, type Space, spaceOf } from '../search/space.ts';
import type { SearchOptions } from '../search/strategy.ts';
import type { Proposal } from '../search/trial.ts';
import { budgetOf, type Spec } from '../spec/spec.ts';
import type { TrainingRecipe } from '../training/train.ts';
import { priceBeforeTraining } from './price.ts';

/** What a spec means to the search room. The faults of its space are the user's to see. */
export function searchOptions(spec: Spec, data: Pick<DataSet, 'classes' | 'train'>): { options: SearchOptions; faults: string[] } {
  const { space, faults } = spaceFor(spec, data);
  const options = {
    space,
    objectives: spec.objectives as readonly Objective[],
    limits: limitsOf(spec),
    seed: spec.search.seed,
    price: (network: Proposal['network'], pruning: { structured: number; unstructured: number }) =>
      priceBeforeTraining(spec.target.device, network, pruning),
  };
  return { options, faults };
}

/** The target's budget, and the tighter limits that the user gives. */
export function limitsOf(spec: Spec): Limits {
  const { ramBytes, flashBytes } = budgetOf(spec);
  return {
    ...spec.limits,
    ram: Math.min(ramBytes, spec.limits.ram ?? ramBytes),
    flash: Math.min(flashBytes, spec.limits.flash ?? flashBytes),
  };
}

/** How a proposal is trained. Pruning sets in once the network has learnt something, and leaves it time to recover. */
export function recipeOf(spec: Spec, { genotype }: Pick<Proposal, 'genotype'>): TrainingRecipe {
  const { epochs, batch, schedule, learningRate, weightDecay, augmentation } = spec.training;
  const [structured] = spec.pruning.structured;
  const [unstructured] = spec.pruning.unstructured;
  return {
    epochs,
    batch,
    schedule,
    augmentation,
    learningRate: genotype?.training.learningRate ?? learningRate,
    weightDecay: genotype?.training.weightDecay ?? weightDecay,
    warmup: Math.min(0.5, epochs / 10),
    pruning: { ...(genotype?.pruning ?? { structured, unstructured }), from: 0.2, to: 0.7 },
  };
}

/** Of the final epochs, the share after which training computes as the integer network does. */
const QUANTIZED_FROM = 0.4;

/**
 * How the chosen candidate is trained on, from its own weights and without further pruning, until it has had `finalEpochs`; at last in the
 * integer network's own arithmetic.
 */
export function finalRecipeOf(spec: Spec, chosen: Pick<Proposal, 'genotype'>): TrainingRecipe | undefined {
  const { epochs, finalEpochs } = spec.training;
  if (finalEpochs <= epochs) return undefined;
  const recipe = recipeOf(spec, chosen);
  const pruning = { structured: 0, unstructured: 0, from: 0, to: 1 };
  const quantization = { from: QUANTIZED_FROM };
  return { ...recipe, epochs: finalEpochs - epochs, learningRate: recipe.learningRate / 2, pruning, quantization };
}

/** Seeds the training of one trial, by the run's seed and the trial's id alone. */
export const trialSeed = (spec: Spec, id: number): number =>
  createRandom(spec.search.seed)
    .fork(`trial ${id}`)
    .integer(2 ** 31);

function spaceFor(spec: Spec, data: Pick<DataSet, 'classes' | 'train'>): { space: Space; faults: string[] } {
  const { learningRate, weightDecay } = spec.training;
  const bounds: Bounds = {
    learningRate: [learningRate, learningRate],
    weightDecay: [weightDecay, weightDecay],
    ...Object.fromEntries(Object.entries(spec.search.space).filter(([, value]) => value !== undefined)),
    structured: spec.pruning.structured,
    unstructured: spec.pruning.unstructured,
  };
  return spaceOf(bounds, data.train.shape, data.classes.length);
}
