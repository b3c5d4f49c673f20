import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { DataSet } from '../../../server/dataset/dataset.ts';
import { beginJournal, journalPath, readJournal, resumeJournal } from '../../../server/run/journal.ts';
import { isHolder } from '../../../server/run/lock.ts';
import type { Header, JournalRecord } from '../../../server/run/record.ts';
import { runSearch } from '../../../server/run/search.ts';
import { limitsOf } from '../../../server/run/setting.ts';
import { reduce, stateOf, unstarted } from '../../../server/run/state.ts';
import { parseSpec } from '../../../server/spec/parse.ts';
import type { Spec } from '../../../server/spec/spec.ts';
import { type DataName, dataOf } from './data.ts';
import { createMeter } from './meter.ts';

/** A real search: a strategy as it is, or `sparse` without one of its parts. */
export const VARIANTS = {
  sparse: {},
  evolution: { strategy: 'evolution' },
  random: { strategy: 'random' },
  /** Trials that take the same work whatever was told before. */
  'random to the end': { strategy: 'random', search: 'halving: false' },
  'without pruning': { pruning: 'structured: 0, unstructured: 0' },
  'without inheritance': { search: 'inheritance: false' },
  'without halving': { search: 'halving: false' },
  /** Proposed as for a chip with plenty of memory; what is over the limits trains in vain. */
  'without feasibility': { chip: 'atmega1284p' },
} as const satisfies { [name: string]: { strategy?: string; pruning?: string; search?: string; chip?: string } };
export type Variant = keyof typeof VARIANTS;

export type Search = {
  readonly folder: string;
  readonly task: DataName;
  readonly variant: Variant;
  readonly seed: number;
  readonly trials: number;
  readonly workers: number;
  /** `EPOCHS` without it. */
  readonly epochs?: number;
};

/** Samples to train on and to validate with, and how often they are seen: so few that a trial takes half a second, but more than it needs (`report.ts` says why). */
export const SAMPLES = { train: 8000, validation: 4000 };
export const EPOCHS = 2;
/** With more a classifier is of little use: what µNAS sets as its bound for CIFAR10-binary. */
export const MOST_ERROR = 0.3;
/** Multiply-accumulates of one inference, at most: an ATmega328P takes about a tenth of a second for them. */
export const MOST_MACS = 100_000;

/** The journal of a search, run now where it was not before, and gone on with where it was interrupted. */
export async function search({ folder, ...asked }: Search): Promise<{ records: readonly JournalRecord[] }> {
  if (existsSync(journalPath(folder)) && stateOf(readJournal(folder).records).status === 'finished') return readJournal(folder);
  const { task, workers, trials } = asked;
  const data = await samplesOf(task);
  const text = textOf(asked);
  const { spec, problems } = parseSpec(text);
  if (!spec) throw new Error(`${text}\n${problems.map(({ message }) => message).join('\n')}`);
  const { writer, state } = open(folder, spec, text);
  try {
    const onState = createMeter(folder, state.trials.length);
    const run = { spec, data, folder, writer, state, workers, trials, onState, now: Date.now };
    const trainer = new URL('../../../server/run/trainer.ts', import.meta.url);
    const ended = await runSearch({ ...run, trainer, engine: { name: 'auto' }, signal: new AbortController().signal });
    if (ended.status !== 'finished') throw new Error(`${folder}: ${ended.reason}`);
  } finally {
    writer.close();
  }
  return readJournal(folder);
}

function open(folder: string, spec: Spec, text: string) {
  const setting = { engine: 'auto', versions: {}, workers: spec.search.workers ?? 1, trials: spec.search.trials };
  if (existsSync(journalPath(folder))) {
    const resumed = resumeJournal(folder, 'close');
    if (!('writer' in resumed)) throw new Error(`${folder} cannot be resumed`);
    const entry = { type: 'resumed', atMs: Date.now(), ...setting } as const;
    resumed.writer.append(entry);
    return { writer: resumed.writer, state: reduce(stateOf(resumed.journal.records), entry) };
  }
  const header: Header = {
    type: 'header',
    version: 1,
    atMs: Date.now(),
    name: spec.name,
    specHash: createHash('sha256').update(text).digest('hex'),
    seed: spec.search.seed,
    strategy: spec.search.strategy,
    objectives: [...spec.objectives],
    limits: limitsOf(spec),
    ...setting,
  };
  const writer = beginJournal(folder, header, 'close');
  if (isHolder(writer)) throw new Error(`${folder} is held by another process`);
  return { writer, state: reduce(unstarted, header) };
}

function textOf({ task, variant, seed, trials, workers, epochs = EPOCHS }: Omit<Search, 'folder'>): string {
  const {
    strategy = 'sparse',
    chip = 'atmega328p',
    pruning,
    search,
  } = VARIANTS[variant] as (typeof VARIANTS)['sparse'] & {
    [key: string]: string | undefined;
  };
  return `name: ${task.replace('-', '_')}
data: { train: { samples: x.npy, labels: y.npy } }
target: { chip: ${chip} }
search: { strategy: ${strategy}, trials: ${trials}, workers: ${workers}, seed: ${seed}${search ? `, ${search}` : ''} }
training: { epochs: ${epochs}, batch: 20, learningRate: 0.01 }
pruning: { ${pruning ?? 'structured: [0, 0.5], unstructured: [0, 0.8]'} }
objectives: [error, ram, flash]
limits: { error: ${MOST_ERROR}, macs: ${MOST_MACS} }
`;
}

const loaded = new Map<DataName, DataSet>();

async function samplesOf(task: DataName): Promise<DataSet> {
  const data = loaded.get(task) ?? (await dataOf(task, SAMPLES.train, SAMPLES.validation));
  if (!data) throw new Error(`the data of ${task} is not beside the checkout`);
  loaded.set(task, data);
  return data;
}
