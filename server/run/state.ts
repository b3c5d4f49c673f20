import { front } from '../search/front.ts';
import { isFeasible } from '../search/objective.ts';
import { type Finished, isFinished, type Proposal, type Trial } from '../search/trial.ts';
import type { Header, JournalRecord } from './record.ts';

/** What is known of a run: a fold of `reduce` over its journal, for command line, editor and resuming alike. */
export type RunState = {
  /** `running` as far as the journal says: a process that was killed wrote nothing more, and no longer holds the run's lock. */
  readonly status: 'running' | 'interrupted' | 'finished' | 'failed';
  /** Why it is interrupted, finished or failed. */
  readonly reason?: string;
  readonly header?: Header;
  /** In the order they were told. */
  readonly trials: readonly Trial[];
  /** Asked and not told, in the order they were asked. */
  readonly pending: readonly Proposal[];
  /** Feasible and not dominated in the run's objectives. */
  readonly front: readonly Finished[];
  readonly failed: number;
  /** Within the run's limits. */
  readonly feasible: number;
  /** Of the feasible trials. */
  readonly bestAccuracy?: number;
  readonly leastRamBytes?: number;
  /** Draws that were never trained. */
  readonly refused: number;
  readonly duplicates: number;
  /** Of the last record; and the time that processes worked on the run up to it, without the gaps before resuming. */
  readonly updatedMs: number;
  readonly spentMs: number;
  /** A trial's id. */
  readonly chosen?: number;
  /** Of the chosen candidate, by name. */
  readonly measures?: { readonly [name: string]: number };
  /** Records that make no sense where they stand; they changed nothing. */
  readonly oddities: readonly string[];
};

export const unstarted: RunState = {
  status: 'running',
  trials: [],
  pending: [],
  front: [],
  failed: 0,
  feasible: 0,
  refused: 0,
  duplicates: 0,
  updatedMs: 0,
  spentMs: 0,
  oddities: [],
};

export const stateOf = (records: readonly JournalRecord[]): RunState => records.reduce(reduce, unstarted);

export function reduce(before: RunState, record: JournalRecord): RunState {
  const state = clocked(before, record);
  switch (record.type) {
    case 'header':
      return state.header ? odd(state, 'a second header') : { ...state, header: record };
    case 'asked':
      return asked(state, record.proposal);
    case 'told':
      return told(state, record.trial);
    case 'refused':
      return { ...state, refused: state.refused + record.refused, duplicates: state.duplicates + record.duplicates };
    case 'resumed':
      return { ...without(state, 'reason'), status: 'running', header: resumedHeader(state.header, record) };
    case 'interrupted':
    case 'failed':
      return { ...state, status: record.type, reason: record.reason };
    case 'finished':
      return finished(state, record);
  }
}

/** What is left of the run's budget at a time; undefined while that cannot be told. */
export function timeLeftMs({ header, trials, updatedMs, spentMs }: RunState, nowMs: number): number | undefined {
  const sinceMs = Math.max(0, nowMs - updatedMs);
  const byTime = header?.timeMs === undefined ? undefined : header.timeMs - spentMs - sinceMs;
  const byTrials =
    header?.trials === undefined || trials.length === 0 ? undefined : (spentMs / trials.length) * (header.trials - trials.length) - sinceMs;
  if (byTime === undefined && byTrials === undefined) return undefined;
  return Math.max(0, Math.min(byTime ?? Infinity, byTrials ?? Infinity));
}

function clocked(state: RunState, record: JournalRecord): RunState {
  const works = record.type !== 'header' && record.type !== 'resumed';
  return {
    ...state,
    updatedMs: Math.max(record.atMs, state.updatedMs),
    spentMs: state.spentMs + (works ? Math.max(0, record.atMs - state.updatedMs) : 0),
  };
}

function asked(state: RunState, proposal: Proposal): RunState {
  if (isKnown(state, proposal.id)) return odd(state, `trial ${proposal.id} was asked twice`);
  return {
    ...state,
    pending: [...state.pending, proposal],
    refused: state.refused + proposal.refused,
    duplicates: state.duplicates + proposal.duplicates,
  };
}

function told(state: RunState, trial: Trial): RunState {
  if (state.trials.some((other) => other.id === trial.id)) return odd(state, `trial ${trial.id} was told twice`);
  const pending = state.pending.filter((proposal) => proposal.id !== trial.id);
  const next = { ...state, pending, trials: [...state.trials, trial] };
  if (!isFinished(trial)) return { ...next, failed: state.failed + 1 };
  const { objectives = [], limits = {} } = state.header ?? {};
  if (!isFeasible(trial, limits)) return next;
  return {
    ...next,
    front: front([...state.front, trial], objectives, limits),
    feasible: state.feasible + 1,
    bestAccuracy: Math.max(trial.accuracy, state.bestAccuracy ?? 0),
    leastRamBytes: Math.min(trial.price.ramBytes, state.leastRamBytes ?? Infinity),
  };
}

function finished(state: RunState, record: Extract<JournalRecord, { type: 'finished' }>): RunState {
  const { chosen, measures, reason } = record;
  const known = chosen === undefined || state.trials.some((trial) => trial.id === chosen);
  const next: RunState = { ...without(state, 'chosen', 'measures'), status: 'finished', reason, ...(measures && { measures }) };
  return known ? { ...next, ...(chosen !== undefined && { chosen }) } : odd(next, `no trial ${chosen} was told, yet it is chosen`);
}

/** A run may go on with other workers, a larger budget, or on another machine. */
function resumedHeader(header: Header | undefined, record: Extract<JournalRecord, { type: 'resumed' }>): Header | undefined {
  const { type: _, atMs: __, ...setting } = record;
  if (!header) return undefined;
  const { trials: ___, timeMs: ____, ...rest } = header;
  return { ...rest, ...setting };
}

const isKnown = ({ trials, pending }: RunState, id: number): boolean => [...trials, ...pending].some((known) => known.id === id);

const odd = (state: RunState, what: string): RunState => ({ ...state, oddities: [...state.oddities, what].slice(0, MOST_ODDITIES) });

const MOST_ODDITIES = 100;

function without<Key extends 'reason' | 'chosen' | 'measures'>(state: RunState, ...keys: Key[]): RunState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !(keys as string[]).includes(key))) as RunState;
}
