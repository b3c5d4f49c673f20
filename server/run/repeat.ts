import { createRandom } from '../random.ts';
import { decode } from '../search/decode.ts';
import type { Measures } from '../search/halving.ts';
import type { Finished } from '../search/trial.ts';
import { deployed } from '../spec/spec.ts';
import type { SearchRun, Workers } from './search.ts';
import { recipeOf, searchOptions, trialSeed } from './setting.ts';

/**
 * Trains the chosen configuration anew from so many other seeds, each in full and from the start, and measures what they come to on validation: the chosen candidate's
 * own accuracy is the best of many, and so flatters it. Nothing of this is kept but the figures; those that come to nothing are left out of them and counted.
 */
export async function repeat(
  { spec, data, signal }: Pick<SearchRun, 'spec' | 'data' | 'signal'>,
  pool: Pick<Workers, 'run'>,
  chosen: Pick<Finished, 'id' | 'genotype' | 'network'>,
  seeds: number,
): Promise<Measures> {
  const { space } = searchOptions(spec, data).options;
  const network = chosen.genotype ? decode(chosen.genotype.architecture, space.input, space.classes) : (spec.network ?? chosen.network);
  if (typeof network === 'string') throw new Error(`trial ${chosen.id} is no network of the space: ${network}`);
  const random = createRandom(trialSeed(spec, chosen.id)).fork('repeat');
  const recipe = { ...recipeOf(spec, chosen), epochs: Math.max(spec.training.epochs, spec.training.finalEpochs) };
  const tasks = Array.from({ length: seeds }, () => ({ network: deployed(spec, network), recipe, seed: random.integer(2 ** 31) }));
  const ended = await Promise.allSettled(tasks.map((task) => pool.run(task, { signal })));
  const accuracies = ended.flatMap((each) => (each.status === 'fulfilled' && 'accuracy' in each.value ? [each.value.accuracy] : []));
  return { repeats: accuracies.length, repeatsFailed: seeds - accuracies.length, ...spreadOf(accuracies) };
}

/** Mean and sample deviation; the latter takes two. */
function spreadOf(accuracies: readonly number[]): Measures {
  if (accuracies.length === 0) return {};
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  if (accuracies.length === 1) return { repeatedAccuracy: mean };
  const squares = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0);
  return { repeatedAccuracy: mean, repeatedDeviation: Math.sqrt(squares / (accuracies.length - 1)) };
}
