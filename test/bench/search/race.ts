import { join } from 'node:path';
import type { JournalRecord } from '../../../server/run/record.ts';
import { hypervolume } from '../../../server/search/hypervolume.ts';
import type { Trial } from '../../../server/search/trial.ts';
import type { DataName } from './data.ts';
import { processorSeconds } from './meter.ts';
import { MOST_ERROR, search, type Variant } from './real.ts';

export const TASKS = ['mnist', 'cifar10-binary'] as const satisfies DataName[];
export const STRATEGIES = ['sparse', 'evolution', 'random'] as const satisfies Variant[];
export const ABLATIONS = ['without pruning', 'without inheritance', 'without halving', 'without feasibility'] as const satisfies Variant[];

/** Where runs lie that are not committed; what is finished there is not run again. */
const FOLDER = new URL('../out/search', import.meta.url).pathname;
export const TRIALS = 144;
/** Seeds 1 to 23 and those from 101 on were looked at while the search was made. */
export const FIRST_SEED = 24;

/** What a point must be better than to count: the limits that every strategy is told. */
const REFERENCE = { error: MOST_ERROR, ramBytes: 2048, flashBytes: 32_768 };

/** One search: the hypervolume after each trial, and the seconds since the first proposal at which it was told, by the clock and of the processor. */
export type Course = { readonly volumes: readonly number[]; readonly seconds: readonly number[]; readonly processor: readonly number[] };

/** A search of its own. */
export type Race = { readonly task: DataName; readonly variant: Variant; readonly seed: number };

export async function race(which: Race): Promise<Course> {
  const folder = join(FOLDER, which.task, which.variant.replace(' ', '-'), `${which.seed}`);
  const course = courseOf((await search({ folder, ...which, trials: TRIALS, workers: 1 })).records);
  return { ...course, processor: processorSeconds(folder, course.volumes.length) ?? course.seconds };
}

/** Time between processes of a run that was interrupted does not count. */
function courseOf(records: readonly JournalRecord[]): Omit<Course, 'processor'> {
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
