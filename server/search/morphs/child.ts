import type { Random } from '../../random.ts';
import type { Genotype } from '../genotype.ts';
import type { Space } from '../space.ts';
import { ARCHITECTURE_MORPHS, applyMorph, type Morphed, type MorphName, morph, SHARE_MORPHS, TRAINING_MORPHS } from './table.ts';

/** What sets a child apart from its parent, but for small steps of its shares of pruning. */
export const CHANGES: readonly MorphName[] = [...ARCHITECTURE_MORPHS, ...TRAINING_MORPHS, 'changeMethod'];

/**
 * One morph of those named, and a small step of both shares of pruning, as µNAS takes it; undefined where nothing changes. In real searches of MNIST, 48 trials, seeds 1 and 2, that came
 * to hypervolumes of 0.67 and 0.65; up to three morphs, of which a step of the pruning may be one, to 0.58 and 0.66. SpArSeMod takes up to ten.
 */
export function childOf(parent: Genotype, space: Space, random: Random, names: readonly MorphName[] = CHANGES): Morphed | undefined {
  const changed = morph(parent, space, random, names);
  const genotype = SHARE_MORPHS.reduce((child, name) => applyMorph(name, child, space, random) ?? child, changed?.genotype ?? parent);
  return genotype === parent ? undefined : { genotype, morph: changed?.morph ?? SHARE_MORPHS[0] };
}
