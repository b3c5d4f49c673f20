import type { Parameters } from '../../network/network.ts';
import type { Ranges } from '../../quantize/quantize.ts';
import type { Random } from '../../random.ts';
import type { StepRate } from '../engine.ts';

/**
 * How the weights that the kernels compute with come from the weights that are learned. All arrays have the store's order
 * (`store.ts`) and hold all that is learned; most forms leave biases and batch norm as they are.
 */
export type Form = {
  /** Weights are drawn for each block of 16 samples, and its gradient is collected; else once a step. */
  readonly perBlock: boolean;
  /** Writes the weights of the next block. */
  draw(weights: Float32Array, learned: Float32Array, random: Random): void;
  /** Takes the gradient of the weights drawn last, and leaves that of the learned ones in its place. */
  collect(gradient: Float32Array, learned: Float32Array): void;
  /** Adds to the step's gradient what does not come from samples, and moves what the form itself learns. `items` are the samples of an epoch. */
  finish(gradient: Float32Array, learned: Float32Array, rate: StepRate, items: number): void;
  /** Writes the weights that stand for all draws: for evaluation and to be read. */
  settle(weights: Float32Array, learned: Float32Array): void;
  /** What the form keeps from step to step, by role. */
  readonly tensors: { readonly [role: string]: Float32Array };
  /** What it keeps beside those, laid out by layer, and its own count of steps; it finds them in the state that the session is opened with. */
  kept?(learned: Float32Array): { readonly steps: number; readonly tensors: { readonly [role: string]: Parameters } };
  /** Goes on from what was kept after so many steps. `tensors` are those of the form, filled in. */
  resume?(steps: number, tensors: { readonly [role: string]: Float32Array }): void;
  /** log alpha of each weight: how much of it is noise. */
  logAlpha?(learned: Float32Array): Float32Array;
  /** What is read instead of what `settle` writes, where that is no plain weight. */
  read?(values: Float32Array, learned: Float32Array): void;
  /** Adds to the parameters that are read what the form has learned beside them. */
  complete?(parameters: Parameters): Parameters;
  /** The ranges of layers, where the form knows them. */
  ranges?(): Ranges;
  /** The gradients of the last step of what the form learns itself, laid out like the parameters. */
  slopes?(): Parameters;
  /** Turns weights that were written, as `settle` would write them, into learned ones. */
  write?(values: Float32Array): void;
  /** Masks anew: 1 for each weight that counts, else 0. */
  mask?(kept: Parameters): void;
};

/** The layers with weights, as a form sees them: where each weight lies, in the order of the parameters. */
export type Layout = {
  /** Length of the arrays. */
  readonly size: number;
  readonly layers: readonly { readonly name: string; readonly index: Int32Array; readonly groups: Groups }[];
  /** Whether a weight may differ from zero: all bits or none. */
  readonly keep: Int32Array;
};

/** The groups that structured pruning takes out: output channels of convolutions, inputs of dense layers. `of(i)` is weight `i`'s group. */
export type Groups = { readonly count: number; readonly of: (weight: number) => number };
