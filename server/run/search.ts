import type { DataSet } from '../dataset/dataset.ts';
import { integerAccuracy } from '../quantize/interpreter.ts';
import { standardError } from '../search/choose.ts';
import { isFinished, type Trial } from '../search/trial.ts';
import type { Spec } from '../spec/spec.ts';
import { quantizedOf, writeCandidate } from './candidate.ts';
import type { EngineSetting } from './engine.ts';
import type { Evaluated, Task, Unusable } from './evaluate.ts';
import { playFinals } from './finals.ts';
import type { JournalWriter } from './journal.ts';
import { createPool, type Pool } from './pool.ts';
import type { JournalRecord } from './record.ts';
import { repeat } from './repeat.ts';
import { limitsOf } from './setting.ts';
import { type RunState, reduce } from './state.ts';
import type { TrainerData, TrainerProgress } from './trainer.ts';
import { tryProposals } from './trials.ts';

export type SearchRun = {
  readonly spec: Spec;
  readonly data: DataSet;
  /** The run's folder, whose journal `writer` holds and `state` sums up. */
  readonly folder: string;
  readonly writer: JournalWriter;
  readonly state: RunState;
  /** The module that the worker threads run: `trainer.ts`, or its bundle. */
  readonly trainer: URL;
  readonly engine: EngineSetting;
  readonly workers: number;
  readonly trials: number;
  readonly timeMs?: number;
  /** How often the chosen configuration is trained anew from other seeds, for a mean and deviation; not at all without it. */
  readonly repeats?: number;
  readonly signal: AbortSignal;
  /** After every record. */
  readonly onState?: (state: RunState) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type Workers = Pool<Task, Evaluated | Unusable, TrainerProgress>;

/** The journal and what it adds up to. */
export type Ledger = { readonly state: () => RunState; readonly record: (entry: JournalRecord) => void };

/** Of the operating system's priorities: a search gives way to whoever uses the machine. */
const PRIORITY = 10;

/** Runs a search to its end, or until `signal` aborts it; every step is in the journal before the next. Returns the run's last state. */
export async function runSearch(run: SearchRun): Promise<RunState> {
  const ledger = openLedger(run);
  const workerData: TrainerData = { data: run.data, device: run.spec.target.device, engine: run.engine };
  const pool: Workers = createPool({ workers: run.workers, entry: run.trainer, workerData, priority: PRIORITY });
  try {
    const ended = await tryProposals(run, pool, ledger);
    if (!run.signal.aborted) await conclude(run, pool, ledger, ended);
    if (run.signal.aborted) ledger.record({ type: 'interrupted', atMs: run.now(), reason: String(run.signal.reason ?? 'stopped') });
  } catch (error) {
    ledger.record({ type: 'failed', atMs: run.now(), reason: (error as Error).message.slice(0, 4000) });
  } finally {
    await pool.close();
  }
  return ledger.state();
}

function openLedger({ state: begun, writer, onState }: SearchRun): Ledger {
  let state = begun;
  const record = (entry: JournalRecord) => {
    writer.append(entry);
    state = reduce(state, entry);
    onState?.(state);
  };
  return { state: () => state, record };
}

/** Chooses on validation among finalists that were trained on, and measures the chosen candidate on the test split: once, however often the run is resumed. */
async function conclude(run: SearchRun, pool: Workers, { state, record }: Ledger, ended: string): Promise<void> {
  const { spec, data, folder, signal, now } = run;
  const { trials, header, bestAccuracy = 0.5 } = state();
  const tolerance = standardError(bestAccuracy, data.validation.count) / 2;
  const final = await playFinals(run, pool, trials, header?.limits ?? limitsOf(spec), tolerance);
  if (signal.aborted) return;
  if (!final) {
    record({ type: 'finished', atMs: now(), reason: `${ended}; ${lackOf(trials)}` });
    return;
  }
  const { id } = final.trial;
  let { candidate } = final;
  if (candidate.testAccuracy === undefined) {
    candidate = { ...candidate, testAccuracy: integerAccuracy(quantizedOf(candidate), data.test) };
    writeCandidate(folder, candidate);
  }
  const { accuracy: validationAccuracy, testAccuracy } = candidate;
  const repeated = run.repeats ? await repeat(run, pool, trials.filter(isFinished).find((trial) => trial.id === id)!, run.repeats) : {};
  if (signal.aborted) return;
  const measures = { validationAccuracy, ...(testAccuracy !== undefined && { testAccuracy }), ...repeated };
  record({ type: 'finished', atMs: now(), chosen: id, reason: ended, measures });
}

function lackOf(trials: readonly Trial[]): string {
  const last = trials[trials.length - 1];
  if (last?.status !== 'failed' || trials.some(isFinished)) return 'no candidate is within the limits';
  return `no training succeeded, the last because ${last.reason}`;
}
