import type { Random } from '../../random.ts';
import type { Genotype } from '../genotype.ts';
import { settle } from '../settle.ts';
import type { Space } from '../space.ts';
import {
  changeBatchNorm,
  changeBits,
  changeFilters,
  changeKernel,
  changePadding,
  changeReduction,
  changeStride,
  changeType,
} from './layer.ts';
import type { Morph } from './morph.ts';
import { changeDownsample, changeHead, changePool, changeResidual, changeWidth } from './shape.ts';
import { addBlock, addBranch, addDense, addLayer, removeBlock, removeBranch, removeDense, removeLayer } from './structure.ts';
import { changeLearningRate, changeMethod, changeStructured, changeUnstructured, changeWeightDecay } from './training.ts';

/** Every morph. Tests enumerate it. */
export const morphs = {
  addLayer,
  removeLayer,
  addBlock,
  removeBlock,
  addDense,
  removeDense,
  addBranch,
  removeBranch,
  changeType,
  changeReduction,
  changeFilters,
  changeKernel,
  changeStride,
  changePadding,
  changeBatchNorm,
  changeBits,
  changePool,
  changeDownsample,
  changeResidual,
  changeHead,
  changeWidth,
  changeStructured,
  changeUnstructured,
  changeMethod,
  changeLearningRate,
  changeWeightDecay,
} satisfies { [name: string]: Morph };

export type MorphName = keyof typeof morphs;

export const MORPHS = Object.keys(morphs) as MorphName[];
export const PRUNING_MORPHS = ['changeStructured', 'changeUnstructured', 'changeMethod'] as const satisfies MorphName[];
/** The small steps that every child takes. */
export const SHARE_MORPHS = ['changeStructured', 'changeUnstructured'] as const satisfies MorphName[];
export const TRAINING_MORPHS = ['changeLearningRate', 'changeWeightDecay'] as const satisfies MorphName[];
export const ARCHITECTURE_MORPHS = MORPHS.filter((name) => !([...PRUNING_MORPHS, ...TRAINING_MORPHS] as string[]).includes(name));

export type Morphed = { readonly genotype: Genotype; readonly morph: MorphName };

/** One morph of those named, each as likely, that does something; undefined where none does. The result belongs to the space if its argument does. */
export function morph(genotype: Genotype, space: Space, random: Random, names: readonly MorphName[] = MORPHS): Morphed | undefined {
  for (const name of random.shuffle([...names])) {
    const changed = applyMorph(name, genotype, space, random);
    if (changed) return { genotype: changed, morph: name };
  }
  return undefined;
}

/** The settled result of one morph; undefined where it changes nothing. */
export function applyMorph(name: MorphName, genotype: Genotype, space: Space, random: Random): Genotype | undefined {
  const changed = morphs[name](genotype, space, random);
  const settled = changed && settle(changed, space);
  return settled && JSON.stringify(settled) !== JSON.stringify(genotype) ? settled : undefined;
}
