import { choose, finalistsOf } from '../search/choose.ts';
import type { Limits } from '../search/objective.ts';
import type { Finished, Trial } from '../search/trial.ts';
import type { TrainingRecipe } from '../training/train.ts';
import { type Candidate, readCandidate } from './candidate.ts';
import type { SearchRun, Workers } from './search.ts';
import { finalRecipeOf, trialSeed } from './setting.ts';

/** Trained on before the choice: the last epochs change the order of those that lie close. */
const FINALISTS = 3;

export type Final = { readonly trial: Finished; readonly candidate: Candidate };

/**
 * The trial to ship and its weights. Where the spec asks for further training, several of the best are trained on, and the choice among them falls on validation once more;
 * the test split is not looked at. One whose test accuracy is known was trained on by an earlier process. Undefined if nothing is within the limits.
 */
export async function playFinals(
  run: Pick<SearchRun, 'spec' | 'folder' | 'signal'>,
  pool: Pick<Workers, 'run'>,
  trials: readonly Trial[],
  limits: Limits,
  tolerance: number,
): Promise<Final | undefined> {
  const finalists = finalistsOf(trials, limits, tolerance, finalRecipeOf(run.spec, {}) ? FINALISTS : 1);
  const finals = await Promise.all(
    finalists.map(async (trial): Promise<Final> => {
      const before = readCandidate(run.folder, trial.id);
      const candidate = before.testAccuracy === undefined ? await trainOn(run, pool, before, finalRecipeOf(run.spec, trial)) : before;
      return { trial: { ...trial, accuracy: candidate.accuracy }, candidate };
    }),
  );
  const chosen = choose(
    finals.map(({ trial }) => trial),
    limits,
    tolerance,
  );
  return finals.find(({ trial }) => trial.id === chosen?.id);
}

/** The candidate after further training, or as it was if validation says that it got no better. */
async function trainOn(
  { spec, signal }: Pick<SearchRun, 'spec' | 'signal'>,
  pool: Pick<Workers, 'run'>,
  candidate: Candidate,
  recipe: TrainingRecipe | undefined,
): Promise<Candidate> {
  if (!recipe) return candidate;
  const { network, parameters } = candidate;
  try {
    const further = await pool.run({ network, parameters, recipe, seed: trialSeed(spec, candidate.id) }, { signal });
    if ('unusable' in further || further.accuracy <= candidate.accuracy) return candidate;
    const { network: trained, parameters: weights, ranges, accuracy } = further;
    return { ...candidate, network: trained, parameters: weights, ranges, accuracy };
  } catch (error) {
    if (signal.aborted) return candidate;
    throw error;
  }
}
