import type { Random } from '../random.ts';
import type { Architecture, Block, Branch, ConvLayer, Genotype, Pool } from './genotype.ts';
import { settle } from './settle.ts';
import { LEAST_RATE, type Range, type Space } from './space.ts';

/**
 * A configuration drawn from the whole space. The paper does not say how it draws; measured on MNIST in 2 KB, uniform draws mostly make networks so narrow, small
 * and deep that they do not learn. So windows on the input, strides and layers of a block are each half as likely for every step up; filters, units and rates
 * are uniform in their logarithm; residuals, branches and the pruning of single weights are drawn one time in four; blocks, kernels, pools and shares are uniform.
 */
export function randomGenotype(space: Space, random: Random): Genotype {
  const blocks = times(integerIn(space.blocks, random), () => randomBlock(space, random));
  const architecture: Architecture = {
    ...optionalPool('downsample', lowIntegerIn(space.downsample, random), space, random),
    blocks,
    branches: randomBranches(blocks.length, space, random),
    head: pick(space.heads, random),
    dense: times(integerIn(space.dense, random), () => logIntegerIn(space.units, random)),
    ...(space.bits.length > 0 && { denseBits: pick(space.bits, random) }),
  };
  const training = { learningRate: rateIn(space.learningRate, random), weightDecay: rateIn(space.weightDecay, random) };
  const pruning = {
    structured: shareIn(space.structured, random),
    unstructured: sparsityIn(space.unstructured, random),
    ...(space.methods.length > 0 && { method: pick(space.methods, random) }),
  };
  return settle({ architecture, training, pruning }, space);
}

export function randomBlock(space: Space, random: Random): Block {
  return {
    layers: times(lowIntegerIn(space.layers, random), () => randomLayer(space, random)),
    residual: space.residual && random.next() < SELDOM,
    ...optionalPool('pool', integerIn(space.pool, random), space, random),
  };
}

export function randomLayer(space: Space, random: Random): ConvLayer {
  const type = pick(space.ops, random);
  return {
    type,
    kernel: integerIn(space.kernel, random),
    filters: logIntegerIn(space.filters, random),
    stride: lowIntegerIn(space.stride, random),
    padding: pick(space.padding, random),
    batchNorm: pick(space.batchNorm, random),
    ...(type === 'bottleneck' ? { reduction: integerIn(space.reduction, random) } : {}),
    ...(space.bits.length > 0 && { bits: pick(space.bits, random) }),
  };
}

/** A pool under its key; none for a window of 1. */
export function optionalPool<Key extends string>(key: Key, size: number, space: Space, random: Random): { [Name in Key]?: Pool } {
  if (size === 1) return {};
  return { [key]: { type: pick(space.poolTypes, random), size } } as { [Name in Key]?: Pool };
}

function randomBranches(blocks: number, space: Space, random: Random): Branch[] {
  let count = space.branches[0];
  const most = Math.min(space.branches[1], blocks + 1);
  while (count < most && random.next() < SELDOM) count++;
  const places = random.shuffle(times(blocks + 1, (place) => place)).slice(0, count);
  return places.map((from) => ({ from, units: logIntegerIn(space.units, random) }));
}

const SELDOM = 0.25;

export const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const pick = <Item>(items: readonly Item[], random: Random): Item => items[random.integer(items.length)];

export const integerIn = ([low, high]: Range, random: Random): number => low + random.integer(high - low + 1);

/** Each whole number half as likely as the one before. */
export function lowIntegerIn([low, high]: Range, random: Random): number {
  const draw = random.uniform(2 ** (low - high - 1), 1);
  return clamp(low + Math.floor(-Math.log2(draw)), [low, high]);
}

/** Each whole number as likely as its share of the logarithmic scale from `low` to `high + 1`. */
export const logIntegerIn = ([low, high]: Range, random: Random): number =>
  clamp(Math.floor(Math.exp(random.uniform(Math.log(low), Math.log(high + 1)))), [low, high]);

export const shareIn = ([low, high]: Range, random: Random): number => tidyShare(random.uniform(low, high), [low, high]);

/**
 * Of single weights no encoding makes use before so many are zero. 60 random networks of MNIST in 2 KB take 10.6 kB of flash, 10.4 with half of their weights pruned away, 9.0, 7.9 and
 * 6.8 with 60, 70 and 80 %; at 30 and 50 % they only lose accuracy.
 */
const LEAST_SPARSITY = 0.6;

/** The shares of single weights that are worth pruning away. */
export const usefulSparsity = ([low, high]: Range): Range => (high > LEAST_SPARSITY ? [Math.max(low, LEAST_SPARSITY), high] : [low, high]);

/** Where a range reaches below what is of use, mostly its low end. */
function sparsityIn(range: Range, random: Random): number {
  const useful = usefulSparsity(range);
  return useful[0] > range[0] && random.next() >= SELDOM ? range[0] : shareIn(useful, random);
}

export function rateIn([low, high]: Range, random: Random): number {
  const [from, to] = [low, high].map((end) => Math.log(Math.max(end, LEAST_RATE)));
  return tidyRate(Math.exp(random.uniform(from, to)), [low, high]);
}

export const clamp = (value: number, [low, high]: Range): number => Math.min(Math.max(value, low), high);

/** Genes are read by people: three decimals of a share, three digits of a rate. */
export const tidyShare = (share: number, range: Range): number => clamp(Math.round(share * 1000) / 1000, range);
export const tidyRate = (rate: number, range: Range): number => clamp(Number(rate.toPrecision(3)), range);
