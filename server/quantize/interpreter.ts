import type { Samples } from '../dataset/dataset.ts';
import { INPUT } from '../network/network.ts';
import { elements } from '../network/shape.ts';
import type { StageOp } from '../network/stage.ts';
import { add, concat, relu } from './kernels/join.ts';
import type { Kernel } from './kernels/kernel.ts';
import { averagePool, maxPool } from './kernels/pool.ts';
import { conv2d, dense, depthwise } from './kernels/weighted.ts';
import { encodingOf, type QuantizedNetwork } from './network.ts';

export const kernels = { conv2d, depthwise, dense, maxPool, averagePool, add, concat, relu } satisfies Record<StageOp, Kernel>;

/** The reference for every generated line of C: plain loops over the integers, stage after stage. */
export type Interpreter = {
  /** The last stage's integers for one sample; the array is reused by the next call. */
  run(sample: ArrayLike<number>): Int32Array;
  /** The integers of every tensor of the last run, by name. */
  readonly tensors: ReadonlyMap<string, Int32Array>;
};

export function createInterpreter(network: QuantizedNetwork): Interpreter {
  const tensors = new Map<string, Int32Array>([[INPUT, new Int32Array(elements(network.input.shape))]]);
  const steps = network.stages.map((stage) => {
    const output = new Int32Array(elements(stage.shape));
    tensors.set(stage.name, output);
    const inputs = stage.inputs.map((name) => tensors.get(name)!);
    const encodings = stage.inputs.map((name) => encodingOf(network, name));
    return () => kernels[stage.op](stage, inputs, encodings, output);
  });
  const result = tensors.get(network.stages[network.stages.length - 1].name)!;
  const run = (sample: ArrayLike<number>) => {
    tensors.get(INPUT)!.set(sample);
    for (const step of steps) step();
    return result;
  };
  return { run, tensors };
}

/** The first of the largest values. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** The share of samples that the integer network classifies as labelled, 0..1. */
export function integerAccuracy(network: QuantizedNetwork, samples: Samples): number {
  const interpreter = createInterpreter(network);
  const size = elements(samples.shape);
  let right = 0;
  for (let i = 0; i < samples.count; i++) {
    if (argmax(interpreter.run(samples.x.subarray(i * size, (i + 1) * size))) === samples.labels[i]) right++;
  }
  return right / samples.count;
}
