import type { DataSet } from '../dataset/dataset.ts';
import type { Device } from '../device/device.ts';
import { type EngineSetting, engineFor } from './engine.ts';
import { type Evaluated, evaluate, type Task, type Unusable } from './evaluate.ts';
import { poolData, serveTasks } from './worker.ts';

/** What every worker of a search is given: the samples lie in shared memory. */
export type TrainerData = { readonly data: DataSet; readonly device: Device; readonly engine: EngineSetting };

export type TrainerProgress = { readonly epoch: number; readonly epochs: number; readonly accuracy: number };

const { data, device, engine: setting } = poolData() as TrainerData;

serveTasks<Task, Evaluated | Unusable, TrainerProgress>((task, context) => {
  const engine = engineFor(setting, { network: task.network, encoding: data.encoding });
  if ('refused' in engine) return { unusable: engine.refused };
  // TensorFlow has no kernels of the integer arithmetic: it trains in floating point to the end.
  const { quantization, ...recipe } = task.recipe;
  const able = engine.variant.startsWith('wasm') ? task : { ...task, recipe };
  return evaluate(engine, data, device, able, {
    onEpoch: ({ epoch, epochs, validation }) => context.progress({ epoch, epochs, accuracy: validation.accuracy }),
    cancelled: context.cancelled,
  });
});
