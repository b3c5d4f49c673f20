import { type Measures, rungMeasure, rungsOf, STOPPED } from '../search/halving.ts';
import type { Objective } from '../search/objective.ts';
import type { Proposal, Trial } from '../search/trial.ts';
import { deployed, type Spec } from '../spec/spec.ts';
import { withoutShare } from '../training/prune/shape.ts';
import { readCandidate } from './candidate.ts';
import type { Evaluated, Task } from './evaluate.ts';
import { inherit, type Trained } from './inherit.ts';
import { limitsOf, recipeOf, trialSeed } from './setting.ts';

/** What a proposal asks of a trainer, and the figures of it that the journal keeps: the parent and the share of its parameters where a trial inherits. */
export type Prepared = { readonly task: Task; readonly measures: Measures };

/** The strategies whose children inherit where the spec does not say: SpArSe's do, µNAS trains each in full. */
const INHERITING: ReadonlySet<string> = new Set(['sparse']);

/**
 * With a smaller share of its parameters from its parent, a child is trained as any other. With a larger one it is trained for as many epochs, but from the parent's weights: 30 children of
 * two searches of MNIST came to 93.0 % by that and to 92.1 % from the start; with two thirds of the epochs to 92.2 %.
 */
const LEAST_SHARE = 0.5;

/** `trials` are those told before: what they were at their rungs decides whether this one is trained to its end. */
export function prepare(folder: string, spec: Spec, proposal: Proposed, trials: readonly Trial[]): Prepared {
  const { task, measures } = beginning(folder, spec, proposal);
  const objectives = spec.objectives as readonly Objective[];
  const rungs = proposal.genotype && spec.search.halving ? rungsOf(task.recipe.epochs, trials, objectives, limitsOf(spec)) : [];
  return { task: rungs.length > 0 ? { ...task, halving: { rungs, objectives, price: proposal.price } } : task, measures };
}

/** What of a trained network's figures the journal keeps: how long it was trained, and what it was at each rung. */
export function measuresOf({ floatAccuracy, epochs, rungs, stopped }: Figures): Measures {
  const reached = Object.fromEntries(rungs.map((accuracy, rung) => [rungMeasure(rung), accuracy]));
  return { floatAccuracy, epochs, ...reached, ...(stopped && { [STOPPED]: rungs.length }) };
}

type Figures = Pick<Evaluated, 'floatAccuracy' | 'epochs' | 'rungs' | 'stopped'>;

type Proposed = Pick<Proposal, 'id' | 'network' | 'genotype' | 'parent' | 'price'>;

function beginning(folder: string, spec: Spec, proposal: Proposed): Prepared {
  const whole = deployed(spec, proposal.network);
  const recipe = recipeOf(spec, proposal);
  const seed = trialSeed(spec, proposal.id);
  const full: Prepared = { task: { network: whole, recipe, seed }, measures: {} };
  const inheriting = spec.search.inheritance ?? INHERITING.has(spec.search.strategy);
  if (!inheriting || proposal.parent === undefined) return full;
  const parent = readParent(folder, proposal.parent);
  if (!parent) return full;
  const { structured } = recipe.pruning;
  // The parent's channels are pruned already: its child begins with as many as it is to have.
  const network = withoutShare(whole, structured);
  const { parameters, share } = inherit(network, parent, seed);
  if (share < LEAST_SHARE) return full;
  const pruning = { ...recipe.pruning, structured: 0 };
  return {
    task: { network, recipe: { ...recipe, pruning }, seed, parameters },
    measures: { inheritedFrom: proposal.parent, inheritedShare: share },
  };
}

/** Undefined where the parent's file is gone or cannot be used: its child is then trained from the start. */
function readParent(folder: string, id: number): Trained | undefined {
  try {
    return readCandidate(folder, id);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
