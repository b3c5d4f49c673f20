import { optionalPool, pick } from '../sample.ts';
import { another, type Morph, wholeNumbers, withArchitecture, withBlock } from './morph.ts';
import { stepped } from './step.ts';

/** Another window, perhaps none, or the same with the other kind of pool. */
export const changePool: Morph = (genotype, space, random) => {
  const { blocks } = genotype.architecture;
  const index = random.integer(blocks.length);
  const { pool: _, ...block } = blocks[index];
  return withBlock(genotype, index, { ...block, ...optionalPool('pool', pick(wholeNumbers(space.pool), random), space, random) });
};

export const changeDownsample: Morph = (genotype, space, random) => {
  const { downsample: _, ...architecture } = genotype.architecture;
  const size = pick(wholeNumbers(space.downsample), random);
  return { ...genotype, architecture: { ...optionalPool('downsample', size, space, random), ...architecture } };
};

export const changeResidual: Morph = (genotype, space, random) => {
  const { blocks } = genotype.architecture;
  const open = [...blocks.keys()].filter((index) => blocks[index].residual || (space.residual && blocks[index].layers.length >= 2));
  if (open.length === 0) return undefined;
  const index = pick(open, random);
  return withBlock(genotype, index, { ...blocks[index], residual: !blocks[index].residual });
};

export const changeHead: Morph = (genotype, space, random) => {
  const head = another(space.heads, genotype.architecture.head, random);
  return head && withArchitecture(genotype, { head });
};

/** Of a hidden dense layer or a branch. */
export const changeWidth: Morph = (genotype, space, random) => {
  const { dense, branches } = genotype.architecture;
  if (dense.length + branches.length === 0) return undefined;
  const index = random.integer(dense.length + branches.length);
  const units = stepped(dense[index] ?? branches[index - dense.length].units, space.units, random);
  if (units === undefined) return undefined;
  if (index < dense.length) return withArchitecture(genotype, { dense: dense.with(index, units) });
  const branch = branches[index - dense.length];
  return withArchitecture(genotype, { branches: branches.with(index - dense.length, { ...branch, units }) });
};
