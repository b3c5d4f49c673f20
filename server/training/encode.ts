import { Convolve, ConvolveWeights } from './commands/convolve.ts';
import { Depthwise, DepthwiseUnstride, DepthwiseWeights } from './commands/depthwise.ts';
import { Gather, Shift, Warp } from './commands/input.ts';
import { Adam, Momentum, Reduce, Settings, Softmax } from './commands/learn.ts';
import { Normalise, NormaliseGradient } from './commands/normalise.ts';
import * as operation from './commands/operations.ts';
import { Pool, PoolGradient } from './commands/pool.ts';
import { Requantize, RequantizeGradient, StepGradient } from './commands/requantize.ts';
import { Skip } from './commands/skip.ts';
import { Permute, Range, Transfer } from './commands/transfer.ts';
import {
  WinogradGradient,
  WinogradInput,
  WinogradInputGradient,
  WinogradOutput,
  WinogradWeights,
  WinogradWeightsGradient,
} from './commands/winograd.ts';

/** Every command: its operation and its fields in the order in which they lie in memory. */
const layouts = {
  convolve: [operation.CONVOLVE, new Convolve()],
  convolveWeights: [operation.CONVOLVE_WEIGHTS, new ConvolveWeights()],
  depthwise: [operation.DEPTHWISE, new Depthwise()],
  depthwiseUnstride: [operation.DEPTHWISE_UNSTRIDE, new DepthwiseUnstride()],
  depthwiseWeights: [operation.DEPTHWISE_WEIGHTS, new DepthwiseWeights()],
  maxPool: [operation.MAX_POOL, new Pool()],
  maxPoolGradient: [operation.MAX_POOL_GRADIENT, new PoolGradient()],
  averagePool: [operation.AVERAGE_POOL, new Pool()],
  averagePoolGradient: [operation.AVERAGE_POOL_GRADIENT, new PoolGradient()],
  transfer: [operation.TRANSFER, new Transfer()],
  normalise: [operation.NORMALISE, new Normalise()],
  normaliseGradient: [operation.NORMALISE_GRADIENT, new NormaliseGradient()],
  softmax: [operation.SOFTMAX, new Softmax()],
  gather: [operation.GATHER, new Gather()],
  permute: [operation.PERMUTE, new Permute()],
  reduce: [operation.REDUCE, new Reduce()],
  adam: [operation.ADAM, new Adam()],
  range: [operation.RANGE, new Range()],
  shift: [operation.SHIFT, new Shift()],
  warp: [operation.WARP, new Warp()],
  momentum: [operation.MOMENTUM, new Momentum()],
  requantize: [operation.REQUANTIZE, new Requantize()],
  stepGradient: [operation.STEP_GRADIENT, new StepGradient()],
  requantizeGradient: [operation.REQUANTIZE_GRADIENT, new RequantizeGradient()],
  skip: [operation.SKIP, new Skip()],
  winogradInput: [operation.WINOGRAD_INPUT, new WinogradInput()],
  winogradOutput: [operation.WINOGRAD_OUTPUT, new WinogradOutput()],
  winogradGradient: [operation.WINOGRAD_GRADIENT, new WinogradGradient()],
  winogradInputGradient: [operation.WINOGRAD_INPUT_GRADIENT, new WinogradInputGradient()],
  winogradWeights: [operation.WINOGRAD_WEIGHTS, new WinogradWeights()],
  winogradWeightsGradient: [operation.WINOGRAD_WEIGHTS_GRADIENT, new WinogradWeightsGradient()],
} as const;

type Layouts = typeof layouts;
export type CommandName = keyof Layouts;
/** One call of a kernel, encoded: operation, count of fields, fields. */
export type Command = readonly number[];

export function command<Name extends CommandName>(name: Name, fields: { readonly [Field in keyof Layouts[Name][1]]: number }): Command {
  const [operation, order] = layouts[name];
  const keys = Object.keys(order) as (keyof typeof fields)[];
  return [operation, keys.length, ...keys.map((key) => fields[key])];
}

export const encode = (commands: readonly Command[]): Int32Array => Int32Array.from(commands.flat());

/** The commands in memory from `at` up to `end`, in bytes. */
export function commandsOf({ at: begin, end }: { readonly at: number; readonly end: number }, words: Int32Array) {
  const commands: { readonly at: number; readonly operation: number; readonly fields: Int32Array }[] = [];
  for (let at = begin; at < end; ) {
    const [operation, count] = words.subarray(at >> 2);
    commands.push({ at, operation, fields: words.subarray((at >> 2) + 2, (at >> 2) + 2 + count) });
    at += 8 + 4 * count;
  }
  return commands;
}

/** A command's fields by their names; `command` is any of its class. */
export const fieldsOf = <Fields extends object>(command: Fields, fields: ArrayLike<number>): Fields =>
  Object.fromEntries(Object.keys(command).map((key, index) => [key, fields[index]])) as Fields;

/** Where each setting lies in the settings' f32 array. */
export const settingIndex = Object.fromEntries(Object.keys(new Settings()).map((key, index) => [key, index])) as {
  readonly [Setting in keyof Settings]: number;
};
