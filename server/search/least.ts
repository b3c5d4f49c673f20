import type { Network } from '../network/network.ts';
import { decode } from './decode.ts';
import { drain } from './drain.ts';
import type { Architecture, Block, ConvLayer, Genotype, Pool } from './genotype.ts';
import { settle } from './settle.ts';
import { smallest } from './smallest.ts';
import type { Range, Space } from './space.ts';
import type { Price, PriceOf } from './trial.ts';

export type Least = { readonly genotype: Genotype; readonly network: Network; readonly price: Price };

/**
 * The configuration of a space that takes the least of something. Starting from the smallest under each head, kind of convolution and number of blocks, one gene after the
 * other takes its best value until none has a better one. Genes do not act alone, so this is no proof (`run/floor` has one, of a lower figure): on 30 random spaces and 12
 * draws of each, one draw took less RAM on an ATmega328P (7 B), and none took less flash. Yields now and then, so that others can have their turn.
 */
export function* leastSteps(space: Space, price: PriceOf, value: (price: Price) => number): Generator<void, Least | undefined, void> {
  const priced = (genotype: Genotype): Least | undefined => {
    const settled = settle(genotype, space);
    const network = decode(settled.architecture, space.input, space.classes);
    return typeof network === 'string' ? undefined : { genotype: settled, network, price: price(network, settled.pruning) };
  };
  const better = (a: Least | undefined, b: Least | undefined) => (a && (!b || value(a.price) < value(b.price)) ? a : b);
  let best: Least | undefined;
  for (const start of startsOf(space)) {
    let current = priced(start);
    for (let before: Least | undefined; current && before !== current; ) {
      before = current;
      for (const gene of genes) {
        for (const changed of gene(current.genotype, space)) current = better(priced(changed), current)!;
        yield;
      }
    }
    best = better(current, best);
  }
  return best;
}

export const leastOf = (...given: Parameters<typeof leastSteps>): Least | undefined => drain(leastSteps(...given));

function startsOf(space: Space): Genotype[] {
  const base = smallest(space);
  return space.heads.flatMap((head) =>
    space.ops.flatMap((type) =>
      ends(space.blocks).map((count) => {
        const { architecture } = base;
        const layers = architecture.blocks[0].layers.map((layer) => typed(layer, type, space));
        const block = { ...architecture.blocks[0], layers };
        return withArchitecture(base, { head, blocks: new Array<Block>(count).fill(block) });
      }),
    ),
  );
}

/** All values that a gene could take next; of a gene that every layer or block has, first in all of them at once, then in each alone. */
type Gene = (genotype: Genotype, space: Space) => Genotype[];

const genes: readonly Gene[] = [
  (genotype, space) => pools(space.downsample, space).map((pool) => withPool(genotype, pool)),
  inLayers((layer, space) => space.ops.map((type) => typed(layer, type, space))),
  inLayers((layer, space) => wholes(space.stride).map((stride) => ({ ...layer, stride }))),
  inLayers((layer, space) => wholes(space.kernel).map((kernel) => ({ ...layer, kernel }))),
  inLayers((layer, space) => space.padding.map((padding) => ({ ...layer, padding }))),
  inLayers((layer, space) => space.batchNorm.map((batchNorm) => ({ ...layer, batchNorm }))),
  inLayers((layer, space) => space.bits.map((bits) => ({ ...layer, bits }))),
  (genotype, space) => space.bits.map((denseBits) => withArchitecture(genotype, { denseBits })),
  inLayers((layer, space) => few(space.filters).map((filters) => ({ ...layer, filters }))),
  inLayers((layer, space) => (layer.type === 'bottleneck' ? ends(space.reduction).map((reduction) => ({ ...layer, reduction })) : [])),
  inBlocks(({ pool: _, ...block }, space) => pools(space.pool, space).map((pool) => (pool ? { ...block, pool } : block))),
  inBlocks((block, space) => wholes(space.layers).map((count) => ({ ...block, layers: lengthened(block.layers, count) }))),
  inBlocks((block) => [{ ...block, residual: !block.residual }]),
  (genotype, space) =>
    wholes(space.blocks).map((count) => withArchitecture(genotype, { blocks: lengthened(genotype.architecture.blocks, count) })),
  (genotype, space) => space.heads.map((head) => withArchitecture(genotype, { head })),
  (genotype, space) => wholes(space.dense).map((count) => withArchitecture(genotype, { dense: new Array(count).fill(space.units[0]) })),
  (genotype, space) => few(space.units).map((units) => withArchitecture(genotype, { dense: genotype.architecture.dense.map(() => units) })),
  branched,
  (genotype, space) => ends(space.structured).map((structured) => ({ ...genotype, pruning: { ...genotype.pruning, structured } })),
  (genotype, space) => ends(space.unstructured).map((unstructured) => ({ ...genotype, pruning: { ...genotype.pruning, unstructured } })),
];

function inBlocks(change: (block: Block, space: Space) => Block[]): Gene {
  return (genotype, space) => {
    const { blocks } = genotype.architecture;
    const choices = blocks.map((block) => change(block, space));
    const together = choices[0].map((_, choice) => blocks.map((block, index) => choices[index][choice] ?? block));
    const alone = choices.flatMap((each, index) => each.map((block) => blocks.with(index, block)));
    return [...together, ...alone].map((changed) => withArchitecture(genotype, { blocks: changed }));
  };
}

function inLayers(change: (layer: ConvLayer, space: Space) => ConvLayer[]): Gene {
  return (genotype, space) => {
    const { blocks } = genotype.architecture;
    const layers = blocks.flatMap((block) => block.layers);
    const choices = layers.map((layer) => change(layer, space));
    const most = Math.max(...choices.map((each) => each.length));
    const together = Array.from({ length: most }, (_, choice) => layers.map((layer, index) => choices[index][choice] ?? layer));
    const alone = choices.flatMap((each, index) => each.map((layer) => layers.with(index, layer)));
    return [...together, ...alone].map((changed) => withArchitecture(genotype, { blocks: filled(blocks, changed) }));
  };
}

function filled(blocks: readonly Block[], layers: readonly ConvLayer[]): Block[] {
  let at = 0;
  return blocks.map((block) => {
    const own = layers.slice(at, at + block.layers.length);
    at += own.length;
    return { ...block, layers: own };
  });
}

/** As few branches as may be, in each place. */
function branched(genotype: Genotype, space: Space): Genotype[] {
  const { blocks } = genotype.architecture;
  const count = space.branches[0];
  if (count === 0) return [withArchitecture(genotype, { branches: [] })];
  return choicesOf(blocks.length + 1, count).map((places) =>
    withArchitecture(genotype, { branches: places.map((from) => ({ from, units: space.units[0] })) }),
  );
}

/** Every choice of `count` numbers below `limit`, ascending. */
function choicesOf(limit: number, count: number): number[][] {
  if (count === 0) return [[]];
  return Array.from({ length: Math.max(0, limit - count + 1) }, (_, i) => limit - 1 - i).flatMap((last) =>
    choicesOf(last, count - 1).map((rest) => [...rest, last]),
  );
}

const lengthened = <Item>(items: readonly Item[], count: number): Item[] =>
  Array.from({ length: count }, (_, index) => items[Math.min(index, items.length - 1)]);

function typed({ reduction: _, ...layer }: ConvLayer, type: ConvLayer['type'], space: Space): ConvLayer {
  return { ...layer, type, ...(type === 'bottleneck' ? { reduction: space.reduction[1] } : {}) };
}

const pools = (range: Range, { poolTypes }: Space): (Pool | undefined)[] =>
  wholes(range).flatMap((size) => (size > 1 ? poolTypes.map((type) => ({ type, size })) : [undefined]));

function withPool({ architecture: { downsample: _, ...architecture }, ...genotype }: Genotype, pool: Pool | undefined): Genotype {
  return { ...genotype, architecture: { ...(pool && { downsample: pool }), ...architecture } };
}

const withArchitecture = (genotype: Genotype, change: Partial<Architecture>): Genotype => ({
  ...genotype,
  architecture: { ...genotype.architecture, ...change },
});

const wholes = ([low, high]: Range): number[] => Array.from({ length: high - low + 1 }, (_, index) => low + index);

const ends = ([low, high]: Range): number[] => (low === high ? [low] : [low, high]);

/** More is more, but for what is written in another way where it is one, or no longer few. */
const few = ([low, high]: Range): number[] =>
  [...new Set([low, low + 1, low + 2, low + 3, 2 * low, 4 * low])].filter((count) => count <= high);
