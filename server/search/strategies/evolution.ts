import type { Random } from '../../random.ts';
import type { Genotype } from '../genotype.ts';
import { childOf } from '../morphs/child.ts';
import { pointOf } from '../objective.ts';
import { createProposer, type Draw } from '../propose.ts';
import { randomGenotype } from '../sample.ts';
import { scalarise } from '../scalarise.ts';
import type { SearchOptions, Strategy } from '../strategy.ts';
import { type Finished, isFinished } from '../trial.ts';

export type EvolutionOptions = {
  /** The share of the finished trials, the most recent, from which parents come; but never fewer than `least`. */
  readonly share?: number;
  readonly least?: number;
  /** Drawn from them for each tournament. */
  readonly sample?: number;
  /** Random trials before the first child. */
  readonly initial?: number;
};

/**
 * Aging evolution (Real et al., arXiv 1802.01548) with several objectives, as µNAS does it: the winner of a tournament under a random scalarisation is changed by
 * one morph, and its sparsity by a small step. µNAS has a population of 100, of which it samples 25: in a search of 60 trials nothing would ever age. So here the
 * population is half of the trials, however many those are. Measured on the recorded digits, seeds 1 to 25, and on the tests' landscape, 30 seeds: 50 instead of at least 20
 * parents 0.470 and not 0.505; samples of 10 0.897 and 0.444 and not 0.917 and 0.505; parents drawn from the front alone 0.875 and 0.390; two or three morphs per child 0.878 and 0.450.
 * µNAS begins with 100 random networks. In real searches, 144 trials, seeds 1 to 3, children of 12 come to 0.77 (MNIST) and 0.47 (CIFAR10-binary), of 24 to 0.76 and 0.46; of 8, in 48
 * trials of MNIST on fewer samples, seeds 111 to 114, they kept to what one lucky parent could be made into: 0.52 to 0.70, where random draws came to 0.60 to 0.67.
 */
export function createEvolution(options: SearchOptions & EvolutionOptions): Strategy {
  const { space, objectives, limits, share = 0.5, least = 20, sample = 25, initial = 12 } = options;
  const proposer = createProposer(options);
  const trials: Evolved[] = [];

  function draw(random: Random): Draw {
    if (trials.length < initial) return { genotype: randomGenotype(space, random) };
    const parent = tournament(trials.slice(-Math.max(least, Math.ceil(share * trials.length))), random);
    return { genotype: parent.genotype, ...childOf(parent.genotype, space, random), parent: parent.id };
  }

  function tournament(population: readonly Evolved[], random: Random): Evolved {
    const points = population.map((trial) => pointOf(trial, objectives));
    const scores = scalarise(points, objectives, limits, random);
    const entrants = random.shuffle([...population.keys()]).slice(0, sample);
    return population[entrants.reduce((best, entrant) => (scores[entrant] < scores[best] ? entrant : best))];
  }

  return {
    ask: () => proposer.propose(draw),
    adopt: (proposal) => proposer.note(proposal),
    tell(trial) {
      proposer.note(trial);
      if (isFinished(trial) && trial.genotype) trials.push({ ...trial, genotype: trial.genotype });
    },
  };
}

type Evolved = Finished & { readonly genotype: Genotype };
