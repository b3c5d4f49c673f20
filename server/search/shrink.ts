import type { WeightBits } from '../network/network.ts';
import type { Random } from '../random.ts';
import type { Candidate, Examiner, Refused } from './examine.ts';
import type { Genotype } from './genotype.ts';
import { type Morph, pickLayer, withArchitecture, withBlock, withLayer } from './morphs/morph.ts';
import { removeBlock, removeBranch, removeDense, removeLayer } from './morphs/structure.ts';
import { ratio } from './objective.ts';
import { clamp, optionalPool, tidyShare, usefulSparsity } from './sample.ts';
import { settle } from './settle.ts';
import { BITS, type Space } from './space.ts';

/** Steps down at most, and how many ways are priced at each. */
const STEPS = 60;
const WAYS = 4;

/**
 * A candidate within the limits, reached from one over them by always taking the best of a few ways to be smaller. A step need not help by itself (another layer may
 * hold the peak), and every way down ends, so steps are taken until none is left. Undefined where the limits are not met on the way.
 */
export function shrink(start: Refused, space: Space, random: Random, { examine }: Pick<Examiner, 'examine'>): Candidate | undefined {
  let current: Candidate | Refused = start;
  for (let step = 0; step < STEPS && current.excess; step++) {
    const smaller: (Candidate | Refused)[] = waysDown(current.genotype, space, random).flatMap((genotype) => examine(genotype) ?? []);
    if (smaller.length === 0) return undefined;
    current = smaller.find(({ excess }) => !excess) ?? leastOver(smaller as Refused[]);
  }
  return current.excess ? undefined : current;
}

function leastOver(all: readonly Refused[]): Refused {
  const ratios = all.map(({ excess }) => ratio(excess()));
  return all[ratios.indexOf(Math.min(...ratios))];
}

function waysDown(genotype: Genotype, space: Space, random: Random): Genotype[] {
  const found: Genotype[] = [];
  for (const reduce of random.shuffle([...reductions])) {
    const reduced = reduce(genotype, space, random);
    const settled = reduced && settle(reduced, space);
    if (settled && JSON.stringify(settled) !== JSON.stringify(genotype)) found.push(settled);
    if (found.length === WAYS) break;
  }
  return found;
}

const thinAll: Morph = (genotype, space) =>
  withArchitecture(genotype, {
    blocks: genotype.architecture.blocks.map((block) => ({
      ...block,
      layers: block.layers.map((layer) => ({ ...layer, filters: clamp(Math.floor(layer.filters * 0.7), space.filters) })),
    })),
  });

const thinOne: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, ({ layer }) => layer.filters > space.filters[0]);
  return place && withLayer(genotype, place, { ...place.layer, filters: clamp(Math.floor(place.layer.filters / 2), space.filters) });
};

const smallerKernel: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, ({ layer }) => layer.kernel > space.kernel[0]);
  return place && withLayer(genotype, place, { ...place.layer, kernel: place.layer.kernel - 1 });
};

const largerStride: Morph = (genotype, space, random) => {
  const place = pickLayer(genotype, random, ({ layer }) => layer.stride < space.stride[1]);
  return place && withLayer(genotype, place, { ...place.layer, stride: place.layer.stride + 1 });
};

const noPadding: Morph = (genotype, space, random) => {
  const place = space.padding.includes('valid') ? pickLayer(genotype, random, ({ layer }) => layer.padding === 'same') : undefined;
  return place && withLayer(genotype, place, { ...place.layer, padding: 'valid' });
};

const noResidual: Morph = (genotype) =>
  withArchitecture(genotype, { blocks: genotype.architecture.blocks.map((block) => ({ ...block, residual: false })) });

const largerPool: Morph = (genotype, space, random) => {
  const { blocks } = genotype.architecture;
  const index = random.integer(blocks.length);
  const size = (blocks[index].pool?.size ?? 1) + 1;
  return size > space.pool[1] ? undefined : withBlock(genotype, index, { ...blocks[index], ...optionalPool('pool', size, space, random) });
};

const smallerInput: Morph = (genotype, space, random) => {
  const size = (genotype.architecture.downsample?.size ?? 1) + 1;
  if (size > space.downsample[1]) return undefined;
  const { downsample: _, ...architecture } = genotype.architecture;
  return { ...genotype, architecture: { ...optionalPool('downsample', size, space, random), ...architecture } };
};

const narrower: Morph = (genotype, space) => {
  const { dense, branches } = genotype.architecture;
  const less = (units: number) => clamp(Math.floor(units * 0.7), space.units);
  return withArchitecture(genotype, {
    dense: dense.map(less),
    branches: branches.map((branch) => ({ ...branch, units: less(branch.units) })),
  });
};

const coarser: Morph = (genotype, space) => {
  if (space.bits.length === 0) return undefined;
  const allowed = BITS.filter((bits) => space.bits.includes(bits));
  const less = (bits: WeightBits = 8) => allowed[Math.min(allowed.length - 1, 1 + allowed.indexOf(bits))];
  const blocks = genotype.architecture.blocks.map((block) => ({
    ...block,
    layers: block.layers.map((layer) => ({ ...layer, bits: less(layer.bits) })),
  }));
  return withArchitecture(genotype, { blocks, denseBits: less(genotype.architecture.denseBits) });
};

const averageHead: Morph = (genotype, space) =>
  space.heads.includes('globalAverage') ? withArchitecture(genotype, { head: 'globalAverage' }) : undefined;

const sparser: Morph = (genotype, space) => ({
  ...genotype,
  pruning: {
    ...genotype.pruning,
    structured: tidyShare(genotype.pruning.structured + 0.1, space.structured),
    unstructured: tidyShare(genotype.pruning.unstructured + 0.1, usefulSparsity(space.unstructured)),
  },
});

const reductions: readonly Morph[] = [
  thinAll,
  thinOne,
  smallerKernel,
  largerStride,
  largerPool,
  smallerInput,
  noPadding,
  noResidual,
  narrower,
  averageHead,
  coarser,
  sparser,
  removeLayer,
  removeBlock,
  removeDense,
  removeBranch,
];
