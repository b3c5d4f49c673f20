import { createRandom, type Random } from '../random.ts';
import { decode } from './decode.ts';
import { everyGenotype } from './enumerate.ts';
import { type Candidate, createExaminer, type Examiner, keyOf } from './examine.ts';
import type { Genotype } from './genotype.ts';
import { leastOf } from './least.ts';
import { morph } from './morphs/table.ts';
import { crowding } from './objective.ts';
import { shrink } from './shrink.ts';
import type { Exhausted, SearchOptions } from './strategy.ts';
import type { Proposal } from './trial.ts';

/** What a strategy would like to try, not yet priced. */
export type Draw = { readonly genotype: Genotype; readonly parent?: number; readonly morph?: string };

/** A strategy that compares draws before it makes one examines them here: what is refused is counted. */
export type DrawFrom = (random: Random, examiner: Examiner) => Draw;

/** What all strategies share: numbers, limits, no proposal twice. */
export type Proposer = {
  propose(draw: DrawFrom): Proposal | Exhausted;
  wasProposed(candidate: Candidate): boolean;
  /** A proposal or trial of before counts as proposed. */
  note(known: Pick<Proposal, 'id' | 'genotype'>): void;
};

/** Draws that are taken or left as they are, so that what is proposed stays distributed as drawn, only within the limits. */
const DRAWS = 32;
/** Then draws that are shrunk until they are within the limits. */
const SHRUNK = 8;
/** Then steps of a walk within the limits that starts at the network that keeps to them best; then, of a small space, all that there is. */
const WALK = 64;

/** The randomness of proposal n comes from the seed and n alone. */
export function createProposer({ space, price, limits, seed }: SearchOptions): Proposer {
  const proposed = new Set<string>();
  let next = 0;

  function note({ id, genotype }: Pick<Proposal, 'id' | 'genotype'>): void {
    next = Math.max(next, id + 1);
    if (!genotype) return;
    const network = decode(genotype.architecture, space.input, space.classes);
    if (typeof network !== 'string') proposed.add(keyOf(network, genotype));
  }

  function propose(draw: DrawFrom): Proposal | Exhausted {
    const random = createRandom(seed).fork(`proposal ${next}`);
    const examiner = createExaminer(space, price, limits);
    let duplicates = 0;
    for (const [{ genotype, network, price }, drawn] of feasible(draw, random, examiner)) {
      const key = keyOf(network, genotype);
      if (proposed.has(key)) {
        duplicates++;
        continue;
      }
      proposed.add(key);
      const origin = { ...(drawn?.parent !== undefined && { parent: drawn.parent }), ...(drawn?.morph && { morph: drawn.morph }) };
      return { id: next++, genotype, network, price, ...origin, refused: examiner.refused, duplicates };
    }
    const nearest = duplicates === 0 && examiner.nearest ? { nearest: examiner.nearest } : {};
    return { exhausted: true, refused: examiner.refused, duplicates, complete: everyGenotype(space) !== undefined, ...nearest };
  }

  /** Candidates within the limits, with the draw that they come from, ever further from what was drawn. */
  function* feasible(draw: DrawFrom, random: Random, examiner: Examiner): Generator<[Candidate, Draw?]> {
    for (let attempt = 0; attempt < DRAWS + SHRUNK; attempt++) {
      const drawn = draw(random, examiner);
      const candidate = examiner.examine(drawn.genotype);
      if (!candidate) continue;
      const fitting = candidate.excess && attempt >= DRAWS ? shrink(candidate, space, random, examiner) : candidate;
      if (fitting && !fitting.excess) yield [fitting, drawn];
    }
    const least = leastOf(space, price, (found) => crowding(found, limits));
    const start = least && examiner.examine(least.genotype);
    let current = start?.excess ? undefined : start;
    for (let step = 0; current && step < WALK; step++) {
      yield [current];
      const neighbour = morph(current.genotype, space, random);
      const candidate = neighbour && examiner.examine(neighbour.genotype);
      if (candidate && !candidate.excess) current = candidate;
    }
    for (const genotype of everyGenotype(space) ?? []) {
      const candidate = examiner.examine(genotype);
      if (candidate && !candidate.excess) yield [candidate];
    }
  }

  const wasProposed = ({ network, genotype }: Candidate): boolean => proposed.has(keyOf(network, genotype));

  return { propose, note, wasProposed };
}
