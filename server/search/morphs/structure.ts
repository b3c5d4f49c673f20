import { logIntegerIn, pick, randomBlock, randomLayer } from '../sample.ts';
import { type Morph, wholeNumbers, withArchitecture, withBlock } from './morph.ts';

export const addLayer: Morph = (genotype, space, random) => {
  const { blocks } = genotype.architecture;
  const open = [...blocks.keys()].filter((index) => blocks[index].layers.length < space.layers[1]);
  if (open.length === 0) return undefined;
  const index = pick(open, random);
  const { layers } = blocks[index];
  return withBlock(genotype, index, {
    ...blocks[index],
    layers: layers.toSpliced(random.integer(layers.length + 1), 0, randomLayer(space, random)),
  });
};

export const removeLayer: Morph = (genotype, space, random) => {
  const { blocks } = genotype.architecture;
  const open = [...blocks.keys()].filter((index) => blocks[index].layers.length > space.layers[0]);
  if (open.length === 0) return undefined;
  const index = pick(open, random);
  const { layers } = blocks[index];
  return withBlock(genotype, index, { ...blocks[index], layers: layers.toSpliced(random.integer(layers.length), 1) });
};

export const addBlock: Morph = (genotype, space, random) => {
  const { blocks, branches } = genotype.architecture;
  if (blocks.length >= space.blocks[1]) return undefined;
  const at = random.integer(blocks.length + 1);
  return withArchitecture(genotype, {
    blocks: blocks.toSpliced(at, 0, randomBlock(space, random)),
    branches: branches.map((branch) => (branch.from > at ? { ...branch, from: branch.from + 1 } : branch)),
  });
};

/** A branch from the block that goes away goes with it, unless the space asks for as many. */
export const removeBlock: Morph = (genotype, space, random) => {
  const { blocks, branches } = genotype.architecture;
  if (blocks.length <= space.blocks[0]) return undefined;
  const at = random.integer(blocks.length);
  const spare = branches.length > space.branches[0];
  return withArchitecture(genotype, {
    blocks: blocks.toSpliced(at, 1),
    branches: branches
      .filter((branch) => !(spare && branch.from === at + 1))
      .map((branch) => (branch.from > at ? { ...branch, from: branch.from - 1 } : branch)),
  });
};

export const addDense: Morph = (genotype, space, random) => {
  const { dense } = genotype.architecture;
  if (dense.length >= space.dense[1]) return undefined;
  return withArchitecture(genotype, { dense: dense.toSpliced(random.integer(dense.length + 1), 0, logIntegerIn(space.units, random)) });
};

export const removeDense: Morph = (genotype, space, random) => {
  const { dense } = genotype.architecture;
  if (dense.length <= space.dense[0]) return undefined;
  return withArchitecture(genotype, { dense: dense.toSpliced(random.integer(dense.length), 1) });
};

export const addBranch: Morph = (genotype, space, random) => {
  const { blocks, branches } = genotype.architecture;
  const free = wholeNumbers([0, blocks.length]).filter((place) => branches.every((branch) => branch.from !== place));
  if (branches.length >= space.branches[1] || free.length === 0) return undefined;
  return withArchitecture(genotype, { branches: [...branches, { from: pick(free, random), units: logIntegerIn(space.units, random) }] });
};

export const removeBranch: Morph = (genotype, space, random) => {
  const { branches } = genotype.architecture;
  if (branches.length <= space.branches[0]) return undefined;
  return withArchitecture(genotype, { branches: branches.toSpliced(random.integer(branches.length), 1) });
};
