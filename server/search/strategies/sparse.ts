import type { Random } from '../../random.ts';
import { decode } from '../decode.ts';
import type { Candidate, Examiner } from '../examine.ts';
import { dominates } from '../front.ts';
import { createEncoder } from '../gaussian/encode.ts';
import { createSurrogate, evenly, MOST_POINTS } from '../gaussian/surrogate.ts';
import type { Genotype } from '../genotype.ts';
import { MORPHS, type MorphName, morph, PRUNING_MORPHS } from '../morphs/table.ts';
import { isFeasible, objectiveValue, pointOf } from '../objective.ts';
import { createProposer, type Draw } from '../propose.ts';
import { remember } from '../remember.ts';
import { pick, randomGenotype } from '../sample.ts';
import { boundsOf, drawWeights, tchebyshev } from '../scalarise.ts';
import type { SearchOptions, Strategy } from '../strategy.ts';
import { isFinished, type Price } from '../trial.ts';

export type SparseOptions = {
  /** Random trials before the first that is chosen. */
  readonly initial?: number;
  /** Candidates that a proposal is chosen from. */
  readonly pool?: number;
  /** The paper's rho: how often a candidate of the first stage is drawn at random. */
  readonly random?: number;
  /** How often each stage is at work. The paper runs one after the other and does not say for how long; they take turns here, so that no budget need be known. */
  readonly stages?: readonly [explore: number, prune: number, refine: number];
};

/**
 * SpArSe (arXiv 1905.12107): one Gaussian process per objective, a Thompson draw of each, a random scalarisation aimed at the user's limits, and of a pool of
 * candidates the one that is best under both. What the price tells before training is expected of an objective, and only what differs from it is learnt.
 * On the tests' landscape, 16 seeds, the median hypervolume after 80 trials is 0.60 (0.51 by evolution, 0.38 by random draws); with 64 candidates it is 0.62, but pricing
 * them takes most of the time of a proposal. After 150 trials, 8 seeds, it is 0.74 with only the third stage and 0.70 with only the first.
 */
export function createSparse(options: SearchOptions & SparseOptions): Strategy {
  const { space, objectives, limits, seed } = options;
  const price = remember(options.price);
  const { initial = 12, pool = 40, random: rho = 0.25, stages = [0.2, 0.1, 0.7] } = options;
  const proposer = createProposer({ ...options, price });
  const encoder = createEncoder(space);
  const surrogates = objectives.map((_, index) => createSurrogate(encoder.kinds, seed + index));
  const evaluated: Evaluated[] = [];
  let front: Evaluated[] = [];

  function learn(trial: Evaluated): void {
    const network = decode(trial.genotype.architecture, space.input, space.classes);
    if (typeof network === 'string') return;
    const before = price(network, trial.genotype.pruning);
    const point = encoder.encode(trial.genotype, before);
    objectives.forEach((objective, index) => {
      surrogates[index].tell({ point, value: trial.point[index], expected: objectiveValue(objective, before) ?? 0 });
    });
    evaluated.push(trial);
    if (!trial.feasible || front.some((other) => !dominates(trial.point, other.point) && isNoWorse(other.point, trial.point))) return;
    front = [...front.filter((other) => !dominates(trial.point, other.point)), trial];
  }

  /** Candidates within the limits, the most promising first. */
  function ranked(random: Random, examiner: Examiner): Draw[] {
    const points = evaluated.map(({ point }) => point);
    const weights = drawWeights(boundsOf(points, objectives, limits), random);
    const scores = points.map((point) => tchebyshev(point, weights));
    const candidates = fillPool(random, examiner, scores);
    if (candidates.length === 0) return [];
    const queries = candidates.map(({ genotype, price }) => encoder.encode(genotype, price));
    const drawn = objectives.map((objective, index) => {
      const asked = queries.map((point, i) => ({ point, expected: objectiveValue(objective, candidates[i].price) ?? 0 }));
      return surrogates[index].draw(asked, subset(scores, objective === 'error' ? MOST_POINTS : PRICE_POINTS), random.normal);
    });
    const promise = candidates.map((_, i) =>
      tchebyshev(
        drawn.map((values) => values[i]),
        weights,
      ),
    );
    const order = [...candidates.keys()].sort((a, b) => promise[a] - promise[b]);
    return order.map((index) => candidates[index].draw);
  }

  function fillPool(random: Random, examiner: Examiner, scores: readonly number[]): Pooled[] {
    const source = sourceOf(random, scores);
    const found: Pooled[] = [];
    for (let attempt = 0; attempt < pool * 1.5 && found.length < pool; attempt++) {
      const draw = source();
      const candidate = examiner.examine(draw.genotype);
      if (!candidate || candidate.excess || proposer.wasProposed(candidate)) continue;
      found.push({ ...candidate, draw });
    }
    return found;
  }

  /** Where the candidates of one proposal come from. */
  function sourceOf(random: Random, scores: readonly number[]): () => Draw {
    const stage = random.next() * (stages[0] + stages[1] + stages[2]);
    const parents = front.length > 0 ? front : evaluated;
    const anew = (): Draw => ({ genotype: randomGenotype(space, random) });
    const child = (parent: Evaluated, names: readonly MorphName[], most: number): Draw =>
      childOf(parent, 1 + random.integer(most), names) ?? anew();
    const childOf = ({ id, genotype }: Evaluated, steps: number, names: readonly MorphName[]): Draw | undefined => {
      let current: { genotype: Genotype; morph?: MorphName } = { genotype };
      for (let step = 0; step < steps; step++) current = morph(current.genotype, space, random, names) ?? current;
      return current.morph && { ...current, parent: id };
    };
    if (stage < stages[0]) return () => (random.next() < rho ? anew() : child(evaluated[winner(scores, random)], MORPHS, 1));
    if (stage < stages[0] + stages[1])
      return () => childOf(pick(parents, random), 1, PRUNING_MORPHS) ?? child(pick(parents, random), MORPHS, 1);
    return () => child(pick(parents, random), MORPHS, MOST_MORPHS);
  }

  return {
    ask() {
      let queue: Draw[] | undefined;
      return proposer.propose((random, examiner) => {
        if (evaluated.length < initial) return { genotype: randomGenotype(space, random) };
        queue ??= ranked(random, examiner);
        return queue.shift() ?? { genotype: randomGenotype(space, random) };
      });
    },
    adopt: (proposal) => proposer.note(proposal),
    tell(trial) {
      proposer.note(trial);
      if (!isFinished(trial) || !trial.genotype) return;
      const { id, genotype } = trial;
      learn({ id, genotype, point: pointOf(trial, objectives), feasible: isFeasible(trial, limits) });
    },
  };
}

type Evaluated = { readonly id: number; readonly genotype: Genotype; readonly point: readonly number[]; readonly feasible: boolean };
type Pooled = Candidate & { readonly price: Price; readonly draw: Draw };

/** SpArSeMod: one to ten morphs on a Pareto parent. */
const MOST_MORPHS = 3;
/** Of so many drawn, the best is the parent. */
const TOURNAMENT = 8;

function winner(scores: readonly number[], random: Random): number {
  let best = random.integer(scores.length);
  for (let entrant = 1; entrant < TOURNAMENT; entrant++) {
    const other = random.integer(scores.length);
    if (scores[other] < scores[best]) best = other;
  }
  return best;
}

/** Of what the price leaves to be learnt, little depends on much: so many trials tell it. */
const PRICE_POINTS = 64;

/** All trials, or of more than are taken: half of those the best under the scalarisation, and half spread evenly over the others. */
function subset(scores: readonly number[], most: number): number[] {
  if (scores.length <= most) return [...scores.keys()];
  const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
  const others = order.slice(most / 2);
  return [...order.slice(0, most / 2), ...evenly(others.length, most / 2).map((index) => others[index])];
}

const isNoWorse = (a: readonly number[], b: readonly number[]): boolean => a.every((value, index) => value <= b[index]);
