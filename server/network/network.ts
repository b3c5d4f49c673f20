import type { Shape } from './shape.ts';
import type { Padding, Pair } from './window.ts';

/** The name by which layers refer to the network's input. */
export const INPUT = 'input';

type Named = { readonly name: string; readonly inputs: readonly string[] };
type Windowed = {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
};

/** Bits of a weight on the chip; `ternary` weights are -1, 0 and 1. */
export type WeightBits = 8 | 4 | 2 | 'ternary';

/** 8 bits without it. */
type Weighted = { readonly bits?: WeightBits };

/** Rows and columns from one tap of the kernel to the next; 1 without it. */
type Dilated = { readonly dilation?: Pair };

export type Conv2d = Named & Windowed & Dilated & Weighted & { readonly op: 'conv2d'; readonly filters: number };
export type Depthwise = Named & Windowed & Dilated & Weighted & { readonly op: 'depthwise' };
export type Dense = Named & Weighted & { readonly op: 'dense'; readonly units: number };
export type MaxPool = Named & Windowed & { readonly op: 'maxPool' };
/** Divides by the whole kernel's area, padding included as zeros: one rule for training, interpreter and C. */
export type AveragePool = Named & Windowed & { readonly op: 'averagePool' };
export type GlobalPool = Named & {
  readonly op: 'globalMaxPool' | 'globalAveragePool';
};
/** Negative values become zero; those above `max`, where it is given, become `max` (ReLU6 and its like). */
export type Relu = Named & { readonly op: 'relu'; readonly max?: number };
export type BatchNorm = Named & { readonly op: 'batchNorm' };
export type Add = Named & { readonly op: 'add' };
export type Concat = Named & { readonly op: 'concat' };
export type Flatten = Named & { readonly op: 'flatten' };

/** How far apart the taps of a layer's kernel lie. */
export const dilationOf = (layer: { readonly dilation?: Pair } | MaxPool | AveragePool): Pair =>
  ('dilation' in layer && layer.dilation) || [1, 1];

export type Layer = Conv2d | Depthwise | Dense | MaxPool | AveragePool | GlobalPool | Relu | BatchNorm | Add | Concat | Flatten;
export type OpName = Layer['op'];
export type LayerOf<Name extends OpName> = Extract<Layer, { op: Name }>;

/**
 * A network is plain data: its layers in an order in which every input comes before its use.
 * The last layer's output holds one value per class (the logits).
 */
export type Network = {
  readonly input: Shape;
  readonly layers: readonly Layer[];
  readonly arithmetic?: Arithmetic;
};

/** How the deployed network computes, where that is not the ordinary way. */
export type Arithmetic = {
  /** Of the integers between stages; 8 without it. */
  readonly activationBits?: 8 | 4;
  /** Scales are chosen so that a sum becomes an activation by a shift alone, wherever that can be. */
  readonly powerOfTwo?: boolean;
};

/**
 * The values of a network's layers by layer name; a zero weight is a pruned one.
 *
 * | layer | tensors |
 * |---|---|
 * | conv2d | `weight` [filters, kernelY, kernelX, channels], `bias` [filters] |
 * | depthwise | `weight` [kernelY, kernelX, channels], `bias` [channels] |
 * | dense | `weight` [units, inputs] (inputs in height, width, channel order), `bias` [units] |
 * | batchNorm | `gamma`, `beta`, `mean`, `variance` [channels] |
 */
export type Parameters = {
  readonly [layer: string]: { readonly [tensor: string]: Float32Array };
};

/** Added to a variance before its root is taken, in training and in folding alike. */
export const BATCH_NORM_EPSILON = 1e-3;
