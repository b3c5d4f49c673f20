import type { OpName } from '../../network/network.ts';
import type { Shape } from '../../network/shape.ts';
import type { Arena, Plane } from '../arena.ts';
import type { Command } from '../encode.ts';
import type { Node } from '../nodes.ts';
import type { Ceiling } from './clip.ts';
import type { Dropped } from './dropout.ts';
import type { SparseList } from './sparse.ts';

/** A node's output for one block of samples. */
export type Tensor = {
  readonly shape: Shape;
  readonly value: Plane;
  /** Absent where no weight lies before the tensor. */
  readonly gradient?: Plane;
  /** It was made by a ReLU: where the value is zero, no gradient passes. Whoever writes the gradient sees to it. */
  readonly relu: boolean;
};

/**
 * A kernel over some channels of a tensor. Steps that follow each other channel by channel (`reads` is what an earlier one
 * `writes` or `reads`) run a few channels at a time, while those are in the cache; a step without `reads` needs all channels before it.
 */
export type Step = {
  readonly channels: number;
  readonly reads?: Plane;
  readonly writes?: Plane;
  readonly part: (first: number, count: number) => Command;
};

/** A parameter tensor in the arena: the address of its packed values, and of its gradient's sums of four lanes. */
export type Slot = { readonly at: number; readonly sums: number };

/** One node with its tensors, as the operators see it. */
export type Site<Name extends OpName = OpName> = Wiring & { readonly layer: Node<Name>['layer'] };

export type Wiring = {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly slots: { readonly [tensor: string]: Slot };
  readonly arena: Arena;
  /** The address of a table of this node, made once. */
  readonly table: (name: string, make: () => Int32Array) => number;
  /** What `make` gave the first time that this node asked by this name. */
  readonly once: <Made>(name: string, make: () => Made) => Made;
  /** Tap lists that are filled anew when masks change. */
  readonly lists: SparseList[];
  /** The address of the operator's `scratch` bytes. */
  readonly scratch: number;
  /** The address of the settings, and of the block's lane mask. */
  readonly settings: number;
  readonly lanes: number;
  /** In a quantised network, where inputs are added or joined: the address of each one's multiplier (f32). */
  readonly factors?: readonly number[];
  /** Of a dense layer, while some of its inputs are left out in training. */
  readonly dropped?: Dropped;
  /** Of a clipped ReLU that is this node or done with it. */
  readonly ceiling?: Ceiling;
  /** Sums are to be exact: the network is one of integers. */
  readonly exact: boolean;
  /** Commands to run before the blocks of a step, and before its gradients are summed up. */
  readonly prepare: Command[];
  readonly collect: Command[];
};

export type Mode = {
  /** A ReLU is done with the node. */
  readonly relu: boolean;
  /** Batch norm uses its running moments. */
  readonly inference: boolean;
};

export type TrainingOperator<Name extends OpName = OpName> = {
  /** Columns of zeros that the kernels read beside the input's rows, and beside the rows of the output's gradient. */
  halo?(layer: Node<Name>['layer'], input: Shape): { readonly input: number; readonly gradient: number };
  /** Bytes that the forward kernel leaves for the backward one. */
  scratch?(output: Shape): number;
  /** Where each value of the weight tensor lies when packed. Other tensors are not packed. */
  pack?(extents: readonly number[]): Packing;
  forward(site: Site<Name>, mode: Mode): Step[];
  /** The steps that add the weights' gradients. */
  learn?(site: Site<Name>): Step[];
  /** The steps that write the gradient of input `index` to `target`, all of it. */
  backward(site: Site<Name>, index: number, target: Plane): Step[];
};

export type Packing = { readonly size: number; readonly index: Int32Array };

/** The fields of a plane in a command: its address and strides under its name. */
export const plane = <Name extends string>(name: Name, { at, channel, row }: Plane, first = 0) =>
  ({ [name]: at + first * channel, [`${name}Channel`]: channel, [`${name}Row`]: row }) as Record<
    Name | `${Name}Channel` | `${Name}Row`,
    number
  >;

/** The mask fields for the gradient of a tensor: its value, if a ReLU made it. */
export const maskOf = (tensor: Tensor, first = 0) =>
  tensor.relu ? plane('mask', tensor.value, first) : { mask: 0, maskChannel: 0, maskRow: 0 };

export const extent = ({ height, width }: Shape) => ({ rows: height, columns: width });
