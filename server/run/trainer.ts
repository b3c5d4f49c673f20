import type { DataSet } from '../dataset/dataset.ts';
import type { Device } from '../device/device.ts';
import { createEngine } from '../training/wasm.ts';
import { type Evaluated, evaluate, type Task, type Unusable } from './evaluate.ts';
import { poolData, serveTasks } from './worker.ts';

/** What every worker of a search is given: the samples lie in shared memory. */
export type TrainerData = { readonly data: DataSet; readonly device: Device; readonly variant?: 'relaxed' | 'simd' };

export type TrainerProgress = { readonly epoch: number; readonly epochs: number; readonly accuracy: number };

const { data, device, variant } = poolData() as TrainerData;
const engine = createEngine({ variant });

serveTasks<Task, Evaluated | Unusable, TrainerProgress>((task, context) =>
  evaluate(engine, data, device, task, {
    onEpoch: ({ epoch, epochs, validation }) => context.progress({ epoch, epochs, accuracy: validation.accuracy }),
    cancelled: context.cancelled,
  }),
);
