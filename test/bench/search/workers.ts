import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { search } from './real.ts';
import { mean } from './spread.ts';

/** What a trial takes, and how much more two workers get done than one in the same time. */
export type Work = { readonly trialMs: number; readonly gain: number };

/**
 * Random trials of the drawn digits, the same ones, each as much work as it took one worker milliseconds. Counted from when some were told, by which the code is compiled, until a worker
 * finds no more to do, so that neither their start nor the last trial's length tells; what lies across the ends counts by its share.
 */
export async function twoWorkers(trials: number): Promise<Work> {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-workers-'));
  try {
    const one = await trying(join(folder, 'one'), trials, 1);
    const two = await trying(join(folder, 'two'), trials, 2);
    const work = new Map(one.map(({ id, from, until }) => [id, until - from]));
    return { trialMs: mean([...work.values()]), gain: rateOf(two, 2, work) / rateOf(one, 1, work) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Those of the digits example. */
const EPOCHS = 6;

/** When a trial was asked for and told, milliseconds. */
type Span = { readonly id: number; readonly from: number; readonly until: number };

async function trying(folder: string, trials: number, workers: number): Promise<Span[]> {
  const { records } = await search({ folder, task: 'digits', variant: 'random to the end', seed: 1, trials, workers, epochs: EPOCHS });
  const asked = new Map(records.flatMap((record) => (record.type === 'asked' ? [[record.proposal.id, record.atMs]] : [])));
  return records.flatMap((record) =>
    record.type === 'told' ? [{ id: record.trial.id, from: asked.get(record.trial.id)!, until: record.atMs }] : [],
  );
}

/** Trials of each worker before it counts. */
const WARM = 3;

/** Work done in a millisecond while all workers are busy and warm. Spans are in the order in which trials were told. */
export function rateOf(spans: readonly Span[], workers: number, work: ReadonlyMap<number, number>): number {
  const lastAsked = Math.max(...spans.map(({ from }) => from));
  const begin = Math.max(...spans.filter(({ id }) => id < WARM * workers).map(({ until }) => until));
  const end = spans.find(({ until }) => until > lastAsked)!.until;
  if (end <= begin) throw new Error('too few trials: one of the first took as long as all others together');
  const done = spans.map(
    ({ id, from, until }) => (work.get(id)! * Math.max(0, Math.min(until, end) - Math.max(from, begin))) / (until - from),
  );
  return done.reduce((sum, each) => sum + each, 0) / (end - begin);
}
