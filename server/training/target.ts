import type { DataSet } from '../dataset/dataset.ts';
import type { LossRecipe } from './engine.ts';
import type { ClassWeights, TrainingRecipe } from './recipe.ts';

/** What a training aims at, in the terms of the data; nothing where it is plain cross-entropy. */
export function lossFor({ loss, distillation }: TrainingRecipe, data: DataSet, teacher?: Float32Array): LossRecipe | undefined {
  const { classWeights, ...rest } = loss ?? {};
  const learns = distillation && teacher && { temperature: distillation.temperature, share: distillation.share, teacher };
  if (!loss && !learns) return undefined;
  return { ...rest, ...(classWeights && { classWeights: weightsOf(classWeights, data) }), ...(learns && { distillation: learns }) };
}

/** By class; `balanced` are samples / (classes x samples of the class), so that the mean sample counts 1. */
function weightsOf(wanted: ClassWeights, { classes, train }: DataSet): number[] {
  if (wanted !== 'balanced') return classes.map((name) => wanted[name] ?? 1);
  const counts = new Float64Array(classes.length);
  for (const label of train.labels.subarray(0, train.count)) counts[label]++;
  return Array.from(counts, (count) => train.count / (classes.length * Math.max(1, count)));
}
