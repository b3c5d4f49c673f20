import type { WeightBits } from '../network/network.ts';
import type { Block, ConvLayer, Genotype, Pool } from './genotype.ts';
import { settle } from './settle.ts';
import { BITS, type Range, type Space } from './space.ts';

/** The genotype with the least of everything: every count, width and map as small as it gets. What takes the least memory is near; `least.ts` finds it. */
export function smallest(space: Space): Genotype {
  const type = space.ops.includes('conv2d') ? 'conv2d' : space.ops[0];
  const layer: ConvLayer = {
    type,
    kernel: space.kernel[0],
    filters: space.filters[0],
    stride: space.stride[1],
    padding: space.padding.includes('valid') ? 'valid' : 'same',
    batchNorm: space.batchNorm[0],
    ...(type === 'bottleneck' ? { reduction: space.reduction[1] } : {}),
    ...(space.bits.length > 0 && { bits: fewest(space.bits) }),
  };
  const block: Block = {
    layers: new Array(space.layers[0]).fill(layer),
    residual: false,
    ...poolOf('pool', space.pool[1], space),
  };
  const architecture = {
    ...poolOf('downsample', space.downsample[1], space),
    blocks: new Array(space.blocks[0]).fill(block),
    branches: Array.from({ length: space.branches[0] }, (_, index) => ({ from: space.blocks[0] - index, units: space.units[0] })),
    head: space.heads.includes('globalAverage') ? ('globalAverage' as const) : space.heads[0],
    dense: new Array(space.dense[0]).fill(space.units[0]),
    ...(space.bits.length > 0 && { denseBits: fewest(space.bits) }),
  };
  const training = { learningRate: middle(space.learningRate), weightDecay: space.weightDecay[0] };
  const pruning = {
    structured: space.structured[1],
    unstructured: space.unstructured[1],
    ...(space.methods.length > 0 && { method: space.methods[0] }),
  };
  return settle({ architecture, training, pruning }, space);
}

const fewest = (bits: readonly WeightBits[]): WeightBits => BITS.findLast((each) => bits.includes(each))!;

/** A pool of the first kind allowed; none for a window of 1. */
const poolOf = <Key extends string>(key: Key, size: number, { poolTypes }: Space) =>
  (size > 1 ? { [key]: { type: poolTypes[0], size } } : {}) as { [Name in Key]?: Pool };

const middle = ([low, high]: Range): number => Math.sqrt(low * high);
