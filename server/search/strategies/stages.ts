import type { Random } from '../../random.ts';
import type { Genotype } from '../genotype.ts';
import { childOf } from '../morphs/child.ts';
import type { MorphName } from '../morphs/table.ts';
import type { Draw } from '../propose.ts';
import { pick, randomGenotype, times } from '../sample.ts';
import type { Space } from '../space.ts';

/** The share of the candidates that come from each stage. The paper runs one after the other and does not say for how long; here no budget need be known. */
export type Stages = readonly [explore: number, prune: number, refine: number];

type Parent = { readonly id: number; readonly genotype: Genotype };

/**
 * Parents from the front are the first of so many drawn: at its knee there is more to gain than at its ends. On the tests' landscape, 48 trials, seeds 21 to 32, one comes to a hypervolume
 * of 0.504, the first of two, three and five to 0.545, 0.535 and 0.534; with three a search of CIFAR10-binary dwelt on tiny networks.
 */
const ENTRANTS = 2;

/**
 * The paper's three stages, taking turns: random draws, a share `rho`, and children of any trial; children with another pruning alone; children of the front, whose `parents` are in the
 * order of what they dominate.
 */
export function inTurns(space: Space, stages: Stages, rho: number) {
  return (random: Random, evaluated: readonly Parent[], parents: readonly Parent[]): Draw => {
    const stage = random.next() * (stages[0] + stages[1] + stages[2]);
    const anew: Draw = { genotype: randomGenotype(space, random) };
    if (stage < stages[0]) return random.next() < rho ? anew : (childIn(space, pick(evaluated, random), random) ?? anew);
    const parent = parents[Math.min(...times(ENTRANTS, () => random.integer(parents.length)))];
    const pruned = stage < stages[0] + stages[1] ? childIn(space, parent, random, ['changeMethod']) : undefined;
    return pruned ?? childIn(space, parent, random) ?? anew;
  };
}

function childIn(space: Space, { id, genotype }: Parent, random: Random, names?: readonly MorphName[]): Draw | undefined {
  const child = childOf(genotype, space, random, names);
  return child && { ...child, parent: id };
}
