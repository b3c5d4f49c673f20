import type { DataSet } from '../dataset/dataset.ts';
import type { Device } from '../device/device.ts';
import { isNarrow } from '../network/bits.ts';
import type { SessionOptions } from '../training/engine.ts';
import type { TrainingRecipe } from '../training/recipe.ts';
import { type EngineSetting, engineFor } from './engine.ts';
import { type Evaluated, evaluate, type Task, type Unusable } from './evaluate.ts';
import { poolData, serveTasks } from './worker.ts';

/** What every worker of a search is given: the samples lie in shared memory. */
export type TrainerData = { readonly data: DataSet; readonly device: Device; readonly engine: EngineSetting };

export type TrainerProgress = { readonly epoch: number; readonly epochs: number; readonly accuracy: number };

const { data, device, engine: setting } = poolData() as TrainerData;

serveTasks<Task, Evaluated | Unusable, TrainerProgress>((task, context) => {
  const engine = engineFor(setting, { network: task.network, encoding: data.encoding, ...wishesOf(task.recipe) });
  if ('refused' in engine) return { unusable: engine.refused };
  // TensorFlow has no kernels of the integer arithmetic: it trains in floating point to the end, which is of no use where integers are few.
  const { quantization, ...recipe } = task.recipe;
  if (!engine.quantizes && isNarrow(task.network))
    return { unusable: 'TensorFlow cannot train for integers of fewer than 8 bits; use the first engine' };
  const able = engine.quantizes ? task : { ...task, recipe };
  return evaluate(engine, data, device, able, {
    onEpoch: ({ epoch, epochs, validation }) => context.progress({ epoch, epochs, accuracy: validation.accuracy }),
    cancelled: context.cancelled,
  });
});

/** What an engine must know to train by a recipe; one that lacks it refuses at once. */
function wishesOf({ augmentation, optimiser, dropout, pruning: { method } }: TrainingRecipe): Partial<SessionOptions> {
  const form = method === 'magnitude' ? undefined : method;
  return { augmentation, optimiser, dropout, form };
}
