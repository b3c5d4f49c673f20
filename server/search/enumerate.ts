import { once } from '../network/once.ts';
import type { Architecture, Block, Branch, ConvLayer, Genotype, Pool } from './genotype.ts';
import { wholeNumbers } from './morphs/morph.ts';
import { times } from './sample.ts';
import { settle } from './settle.ts';
import { smallest } from './smallest.ts';
import type { Range, Space } from './space.ts';

/** More genotypes than these are not looked at one by one: pricing them takes seconds. */
const MOST = 2000;

/**
 * Every configuration of a small space, some more than once; undefined of a large one, and where there are shares of pruning to choose from. Rates of training, by which no two networks
 * differ, are the middle ones.
 */
export const everyGenotype = once((space: Space): readonly Genotype[] | undefined => {
  if ([space.structured, space.unstructured].some(([low, high]) => low < high) || countOf(space) > MOST) return undefined;
  const { training, pruning } = smallest(space);
  const methods = space.methods.length > 0 ? space.methods.map((method) => ({ ...pruning, method })) : [pruning];
  return product([architecturesOf(space), methods], (architecture, pruning) => settle({ architecture, training, pruning }, space));
});

/** How many there are, genes that others settle included. */
export function countOf(space: Space): number {
  const [bits, pools] = [Math.max(1, space.bits.length), optionsOf(space.pool, space)];
  const layer = space.ops.reduce((sum, op) => sum + (op === 'bottleneck' ? lengthOf(space.reduction) : 1), 0) * layerGenes(space) * bits;
  const block = sum(space.layers, (count) => layer ** count * (space.residual && count >= 2 ? 2 : 1)) * pools;
  const stacks = sum(space.blocks, (count) => block ** count * branchings(count + 1, space));
  const hidden = sum(space.dense, (count) => lengthOf(space.units) ** count);
  return stacks * optionsOf(space.downsample, space) * space.heads.length * hidden * bits * Math.max(1, space.methods.length);
}

const layerGenes = ({ kernel, filters, stride, padding, batchNorm }: Space): number =>
  lengthOf(kernel) * lengthOf(filters) * lengthOf(stride) * padding.length * batchNorm.length;

/** Ways to put branches at some of so many places. */
const branchings = (places: number, { branches, units }: Space): number =>
  sum(branches, (count) => (count > places ? 0 : choose(places, count) * lengthOf(units) ** count));

const choose = (all: number, count: number): number => (count === 0 ? 1 : (choose(all - 1, count - 1) * all) / count);

/** Windows of a pool; one of 1 is none, of whatever kind. */
const optionsOf = ([low, high]: Range, { poolTypes }: Space): number =>
  (high - Math.max(2, low) + 1) * poolTypes.length + (low === 1 ? 1 : 0);

const lengthOf = ([low, high]: Range): number => high - low + 1;
const sum = ([low, high]: Range, of: (count: number) => number): number =>
  wholeNumbers([low, high]).reduce((so, count) => so + of(count), 0);

function architecturesOf(space: Space): Architecture[] {
  const stacks = wholeNumbers(space.blocks).flatMap((count) =>
    product([sequences(blocksOf(space), count), branchesOf(count + 1, space)], (blocks, branches) => ({ blocks, branches })),
  );
  const hidden = wholeNumbers(space.dense).flatMap((count) => sequences(wholeNumbers(space.units), count));
  const bits = space.bits.length > 0 ? space.bits.map((denseBits) => ({ denseBits })) : [{}];
  const heads = product([space.heads, hidden, bits], (head, dense, bits) => ({ head, dense, ...bits }));
  return product([poolsOf(space.downsample, space), stacks, heads], (pool, stack, head) => ({
    ...(pool && { downsample: pool }),
    ...stack,
    ...head,
  }));
}

function blocksOf(space: Space): Block[] {
  const layers = layersOf(space);
  const stacks = wholeNumbers(space.layers).flatMap((count) => sequences(layers, count));
  return product([stacks, [false, true], poolsOf(space.pool, space)], (layers, residual, pool) => ({
    layers,
    residual,
    ...(pool && { pool }),
  })).filter(({ layers, residual }) => !residual || (space.residual && layers.length >= 2));
}

function layersOf({ ops, kernel, filters, stride, padding, batchNorm, reduction, bits }: Space): ConvLayer[] {
  const types = ops.flatMap((type): Pick<ConvLayer, 'type' | 'reduction'>[] =>
    type === 'bottleneck' ? wholeNumbers(reduction).map((reduction) => ({ type, reduction })) : [{ type }],
  );
  const widths = bits.length > 0 ? bits.map((each) => ({ bits: each })) : [{}];
  const windows = product([wholeNumbers(kernel), wholeNumbers(stride), padding], (kernel, stride, padding) => ({
    kernel,
    stride,
    padding,
  }));
  const rest = product([wholeNumbers(filters), batchNorm, widths], (filters, batchNorm, width) => ({ filters, batchNorm, ...width }));
  return product([types, windows, rest], (type, window, rest) => ({ ...type, ...window, ...rest }));
}

function branchesOf(places: number, { branches, units }: Space): Branch[][] {
  const ways = (from: number): Branch[][] =>
    from === places
      ? [[]]
      : ways(from + 1).flatMap((others) => [others, ...wholeNumbers(units).map((units) => [{ from, units }, ...others])]);
  return ways(0).filter(({ length }) => length >= branches[0] && length <= branches[1]);
}

const poolsOf = (sizes: Range, { poolTypes }: Space): (Pool | undefined)[] =>
  wholeNumbers(sizes).flatMap((size) => (size === 1 ? [undefined] : poolTypes.map((type) => ({ type, size }))));

/** All of so many items, each any of those given. */
export const sequences = <Item>(items: readonly Item[], count: number): Item[][] =>
  times(count, () => items).reduce<Item[][]>((so, items) => so.flatMap((each) => items.map((item) => [...each, item])), [[]]);

type Lists<Items extends readonly unknown[]> = { readonly [Index in keyof Items]: readonly Items[Index][] };

/** One of each list; the last varies fastest. */
export const product = <Items extends readonly unknown[], Result>(lists: Lists<Items>, make: (...items: Items) => Result): Result[] =>
  lists
    .reduce<unknown[][]>((so, list) => so.flatMap((each) => list.map((item) => [...each, item])), [[]])
    .map((items) => make(...(items as unknown as Items)));
