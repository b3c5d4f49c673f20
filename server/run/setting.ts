import type { DataSet } from '../dataset/dataset.ts';
import { isNarrow } from '../network/bits.ts';
import { createRandom } from '../random.ts';
import type { Limits, Objective } from '../search/objective.ts';
import { type Bounds, type Space, spaceOf } from '../search/space.ts';
import type { SearchOptions } from '../search/strategy.ts';
import type { Proposal } from '../search/trial.ts';
import { budgetOf, deployed, type Spec, type Training } from '../spec/spec.ts';
import type { Augmentation, OptimiserRecipe } from '../training/engine.ts';
import type { TrainingRecipe } from '../training/train.ts';
import { pricesOn } from './price.ts';

/** What a spec means to the search room. The faults of its space are the user's to see. */
export function searchOptions(spec: Spec, data: Pick<DataSet, 'classes' | 'train'>): { options: SearchOptions; faults: string[] } {
  const { space, faults } = spaceFor(spec, data);
  const options = {
    space,
    objectives: spec.objectives as readonly Objective[],
    limits: limitsOf(spec),
    seed: spec.search.seed,
    price: pricesOn(spec.target.device, (network) => deployed(spec, network)),
  };
  return { options, faults: [...faults, ...unknownClasses(spec, data.classes)] };
}

/** Weights of classes that the data does not have; where the spec names its classes, it was checked already. */
function unknownClasses({ training: { classWeights } }: Spec, classes: readonly string[]): string[] {
  const unknown = typeof classWeights === 'object' ? Object.keys(classWeights).filter((name) => !classes.includes(name)) : [];
  return unknown.map((name) => `classWeights names no class "${name}"; there are ${classes.slice(0, 12).join(', ')}`);
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

/** How a proposal is trained. A network of a search has no teacher: only the one that is chosen is worth it. */
export function recipeOf(spec: Spec, { genotype, network }: Trainable): TrainingRecipe {
  const { epochs, batch, schedule, learningRate, weightDecay, dropout, distillation } = spec.training;
  const { structured, unstructured, during } = spec.pruning;
  const { from, learnedStep } = spec.training.quantization;
  const narrow = network !== undefined && isNarrow(deployed(spec, network));
  const { method = spec.pruning.method[0], ...shares } = genotype?.pruning ?? { structured: structured[0], unstructured: unstructured[0] };
  return {
    epochs,
    batch,
    schedule,
    augmentation: augmentationOf(spec.training.augmentation),
    optimiser: optimiserOf(spec.training),
    ...lossOf(spec.training),
    ...(dropout > 0 && { dropout }),
    ...(!genotype && distillation && { distillation }),
    learningRate: genotype?.training.learningRate ?? learningRate,
    weightDecay: genotype?.training.weightDecay ?? weightDecay,
    warmup: spec.training.warmup ?? Math.min(0.5, epochs / 10),
    ...((from !== undefined || narrow) && { quantization: { from: from ?? 0, ...(learnedStep && { learnedStep }) } }),
    pruning: { ...shares, ...(method !== 'magnitude' && { method }), from: during[0], to: during[1] },
  };
}

type Trainable = Partial<Pick<Proposal, 'genotype' | 'network'>>;

function optimiserOf({ optimiser, momentum, clipNorm, weightAverage }: Training): OptimiserRecipe {
  return {
    ...(optimiser === 'sgd' ? { kind: 'sgd', momentum: momentum ?? 0.9 } : { kind: 'adam' }),
    ...(clipNorm !== undefined && { clip: clipNorm }),
    ...(weightAverage && { average: weightAverage }),
  };
}

/** Nothing where it is plain cross-entropy, which has a kernel of its own. */
function lossOf({ loss, labelSmoothing, classWeights }: Training): Pick<TrainingRecipe, 'loss'> {
  if (loss === 'crossEntropy' && labelSmoothing === 0 && classWeights === undefined) return {};
  return { loss: { kind: loss, smoothing: labelSmoothing, ...(classWeights !== undefined && { classWeights }) } };
}

/** Parts that are off are left out: an engine that lacks them need not refuse. */
function augmentationOf({ shift, rotate, scale, flip, cutout, noise, mixup }: Training['augmentation']): Augmentation {
  return {
    shift,
    ...(rotate > 0 && { rotate: (rotate * Math.PI) / 180 }),
    ...(scale > 0 && { scale }),
    ...(flip && { flip }),
    ...(cutout > 0 && { cutout }),
    ...(noise > 0 && { noise: noise * 255 }),
    ...(mixup > 0 && { mixup }),
  };
}

/** Of the final epochs, the share after which training computes as the integer network does. */
const QUANTIZED_FROM = 0.4;

/**
 * How the chosen candidate is trained on, from its own weights and without further pruning, until it has had `finalEpochs`; at last in the
 * integer network's own arithmetic.
 */
export function finalRecipeOf(spec: Spec, chosen: Trainable): TrainingRecipe | undefined {
  const { epochs, finalEpochs, distillation } = spec.training;
  if (finalEpochs <= epochs) return undefined;
  const recipe = recipeOf(spec, chosen);
  const pruning = { structured: 0, unstructured: 0, from: 0, to: 1 };
  const { from = QUANTIZED_FROM, learnedStep } = spec.training.quantization;
  const quantization = recipe.quantization ?? { from, ...(learnedStep && { learnedStep }) };
  const taught = distillation && { distillation };
  return { ...recipe, ...taught, epochs: finalEpochs - epochs, learningRate: recipe.learningRate / 2, pruning, quantization };
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
    methods: spec.pruning.method.length > 1 ? spec.pruning.method : [],
  };
  return spaceOf(bounds, data.train.shape, data.classes.length);
}
