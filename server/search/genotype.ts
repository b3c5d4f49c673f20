import type { WeightBits } from '../network/network.ts';
import type { Padding } from '../network/window.ts';

/** `separable`: depthwise, then 1x1. `bottleneck`: a 1x1 that leaves 1/`reduction` of the channels, then the convolution. */
export type ConvType = 'conv2d' | 'separable' | 'bottleneck';

export type ConvLayer = {
  readonly type: ConvType;
  /** Both axes; never larger than the map it slides over, so that a 1-D series gets [kernel, 1]. */
  readonly kernel: number;
  readonly filters: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly batchNorm: boolean;
  /** Of `bottleneck` alone. */
  readonly reduction?: number;
  /** Of its weights; absent where bits are not searched. */
  readonly bits?: WeightBits;
};

export type PoolType = 'max' | 'average';

/** Window and stride are `size`, at least 2. */
export type Pool = { readonly type: PoolType; readonly size: number };

export type Block = {
  readonly layers: readonly ConvLayer[];
  /** The last two layers are bridged: what goes into the first of them is added to what comes out of the second. */
  readonly residual: boolean;
  readonly pool?: Pool;
};

/** A dense layer beside the trunk that reads block `from`'s output; 0 is the network's input, after down-sampling. */
export type Branch = { readonly from: number; readonly units: number };

/** How the last map becomes a vector. */
export type Head = 'globalAverage' | 'flatten';

export type Architecture = {
  readonly downsample?: Pool;
  readonly blocks: readonly Block[];
  /** At most one from each place; joined to the trunk's vector before the first dense layer. */
  readonly branches: readonly Branch[];
  readonly head: Head;
  /** Units of the hidden dense layers. */
  readonly dense: readonly number[];
  /** Of the weights of all dense layers; absent where bits are not searched. */
  readonly denseBits?: WeightBits;
};

export type Training = { readonly learningRate: number; readonly weightDecay: number };

/** By what the weights and channels that go are told; the training room says how. */
export type PruningMethod = 'magnitude' | 'feedback' | 'variational' | 'bayesian';

/** Shares to prune away, 0..1: of channels and neurons, and of the single weights that are then left. */
export type Pruning = {
  readonly structured: number;
  readonly unstructured: number;
  /** Absent where methods are not searched. */
  readonly method?: PruningMethod;
};

/** One configuration: what the search draws, changes and remembers. Plain data that survives JSON unchanged. */
export type Genotype = { readonly architecture: Architecture; readonly training: Training; readonly pruning: Pruning };
