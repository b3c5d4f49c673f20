import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { sha256 } from '../firmware/write.ts';
import { type EngineSetting, ordinaryVariant } from '../run/engine.ts';
import { latestRun, newRunFolder } from '../run/folder.ts';
import { beginJournal, type JournalWriter, resumeJournal } from '../run/journal.ts';
import { isHolder } from '../run/lock.ts';
import { FORMAT_VERSION, type JournalRecord } from '../run/record.ts';
import { limitsOf } from '../run/setting.ts';
import { type RunState, reduce, stateOf, unstarted } from '../run/state.ts';
import type { Objective } from '../search/objective.ts';
import type { Spec } from '../spec/spec.ts';
import { VERSION } from './version.ts';

/** What the command line says in place of the spec. */
export type Overrides = { readonly trials?: number; readonly timeSeconds?: number; readonly workers?: number; readonly seed?: number };

export type OpenRun = {
  readonly folder: string;
  readonly writer: JournalWriter;
  readonly state: RunState;
  readonly workers: number;
  readonly trials: number;
  readonly timeMs?: number;
};

/** Begins a run beside the spec, or goes on with one: that named, else its latest. */
export function openRun(
  file: string,
  text: string,
  spec: Spec,
  overrides: Overrides,
  engine: EngineSetting,
  resume: false | { readonly run?: string },
): OpenRun | { refused: string } {
  const workers = overrides.workers ?? spec.search.workers ?? availableParallelism();
  const trials = spec.network ? 1 : (overrides.trials ?? spec.search.trials);
  const timeSeconds = overrides.timeSeconds ?? spec.search.timeSeconds;
  const timeMs = timeSeconds === undefined ? undefined : timeSeconds * 1000;
  const variant = ordinaryVariant(engine);
  if (typeof variant !== 'string') return variant;
  const setting = {
    engine: variant,
    versions: { sparse: VERSION, node: process.version },
    workers,
    trials,
    ...(timeMs !== undefined && { timeMs }),
  };
  const folder = dirname(resolve(file));
  const opened = resume
    ? reopen(resume.run === undefined ? latestRun(folder, spec.name) : resolve(resume.run), text, spec, setting)
    : begin(folder, text, spec, setting);
  return 'refused' in opened ? opened : { ...opened, workers, trials, timeMs };
}

type Setting = Omit<Extract<JournalRecord, { type: 'resumed' }>, 'type' | 'atMs'>;
type Opened = { readonly folder: string; readonly writer: JournalWriter; readonly state: RunState };

function begin(specFolder: string, text: string, spec: Spec, setting: Setting): Opened | { refused: string } {
  const folder = newRunFolder(specFolder, spec.name, new Date());
  const header = {
    type: 'header' as const,
    version: FORMAT_VERSION as 1,
    atMs: Date.now(),
    name: spec.name,
    specHash: sha256(text),
    seed: spec.search.seed,
    strategy: spec.network ? 'given' : spec.search.strategy,
    objectives: [...spec.objectives] as Objective[],
    limits: limitsOf(spec),
    ...setting,
  };
  const writer = beginJournal(folder, header);
  if (isHolder(writer)) return { refused: `${shown(folder)} is held by process ${writer.pid}` };
  return { folder, writer, state: reduce(unstarted, header) };
}

function reopen(folder: string | undefined, text: string, spec: Spec, setting: Setting): Opened | { refused: string } {
  if (!folder) return { refused: `there is no run of ${spec.name} to resume; start one without --resume` };
  const resumed = resumeJournal(folder);
  if (isHolder(resumed)) return { refused: `${shown(folder)} is still being written by process ${resumed.pid}` };
  if ('refused' in resumed) return { refused: `${shown(folder)} cannot be resumed: ${resumed.refused}` };
  const { writer, journal } = resumed;
  const before = stateOf(journal.records);
  const reason = obstacle(before, text, spec);
  if (reason) {
    writer.close();
    return { refused: `${shown(folder)} cannot be resumed: ${reason}` };
  }
  const record = { type: 'resumed' as const, atMs: Date.now(), ...setting };
  writer.append(record);
  return { folder, writer, state: reduce(before, record) };
}

/** Results of another spec or seed must not be mixed into a run. */
function obstacle({ header }: RunState, text: string, spec: Spec): string | undefined {
  if (!header) return 'its journal has no header';
  if (header.specHash !== sha256(text)) return 'the spec was changed since; start a new run without --resume';
  if (header.seed !== spec.search.seed) return `it was begun with seed ${header.seed}, not ${spec.search.seed}`;
  return undefined;
}

const shown = (folder: string): string => relative(process.cwd(), folder);
