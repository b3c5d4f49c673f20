import { join } from 'node:path';
import type { JournalRecord } from '../../../server/run/record.ts';
import { hypervolume } from '../../../server/search/hypervolume.ts';
import type { Trial } from '../../../server/search/trial.ts';
import type { DataName } from './data.ts';
import { search, type Variant } from './real.ts';

export const TASKS = ['mnist', 'cifar10-binary'] as const satisfies DataName[];
export const STRATEGIES = ['sparse', 'evolution', 'random'] as const satisfies Variant[];
export const ABLATIONS = ['without pruning', 'without inheritance', 'without halving', 'without feasibility'] as const satisfies Variant[];

/** Where runs lie that are not committed; what is finished there is not run again. */
const FOLDER = new URL('../out/search', import.meta.url).pathname;
export const TRIALS = 48;

/** What a point must be better than to count: RAM and flash of the chip, and an error with which a classifier is of little use. */
const REFERENCE = { error: 0.3, ramBytes: 2048, flashBytes: 32_768 };

/** One search: the hypervolume after each trial, and the seconds since the first proposal at which it was told. */
export type Course = { readonly volumes: readonly number[]; readonly seconds: readonly number[] };

export async function race(task: DataName, variant: Variant, seed: number): Promise<Course> {
  const folder = join(FOLDER, task, variant.replace(' ', '-'), `${seed}`);
  return courseOf((await search({ folder, task, variant, seed, trials: TRIALS, workers: 1 })).records);
}

/** Time between processes of a run that was interrupted does not count. */
function courseOf(records: readonly JournalRecord[]): Course {
  const points: number[][] = [];
  const [volumes, seconds]: number[][] = [[], []];
  let [spentMs, lastMs] = [0, 0];
  for (const record of records) {
    if (record.type === 'asked' || record.type === 'told') spentMs += lastMs > 0 ? record.atMs - lastMs : 0;
    lastMs = record.atMs;
    if (record.type !== 'told') continue;
    points.push(...pointOf(record.trial));
    volumes.push(hypervolume(points, [1, 1, 1]));
    seconds.push(spentMs / 1000);
  }
  return { volumes, seconds };
}

const pointOf = (trial: Trial): number[][] =>
  trial.status === 'failed'
    ? []
    : [[(1 - trial.accuracy) / REFERENCE.error, trial.price.ramBytes / REFERENCE.ramBytes, trial.price.flashBytes / REFERENCE.flashBytes]];
