import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readCandidate } from '../run/candidate.ts';
import type { EngineSetting } from '../run/engine.ts';
import { exportCandidate } from '../run/export.ts';
import { runSearch } from '../run/search.ts';
import type { RunState } from '../run/state.ts';
import { resolvePath, type Spec } from '../spec/spec.ts';
import { count, engineOf, optionsOf, quoted, seconds } from './amounts.ts';
import { type Command, type Console, type ExitCode, UsageError } from './command.ts';
import { writeExport } from './export.ts';
import { type Prepared, prepare } from './prepare.ts';
import { createProgress } from './progress.ts';
import { reportRun } from './report.ts';
import { type Overrides, openRun } from './run.ts';
import { bytes, percent } from './table.ts';
import { trainerUrl } from './trainer.ts';

const options = {
  trials: { type: 'string' },
  time: { type: 'string' },
  workers: { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  run: { type: 'string' },
  engine: { type: 'string', default: 'auto' },
  tensorflow: { type: 'string' },
  'no-write': { type: 'boolean', default: false },
} as const;

export const search: Command = {
  summary: 'searches networks for a spec, and writes the C of the best that fits',
  usage:
    'sparse search FILE [--trials N] [--time "30 min"] [--workers N] [--seed N] [--json] [--resume [--run RUN]] [--no-write] [--force]\n      [--engine NAME] [--tensorflow DIR]',
  stoppable: true,
  async run(args, console) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (positionals.length !== 1) throw new UsageError(`usage: ${search.usage}`);
    const [file] = positionals;
    const overrides: Overrides = {
      trials: count(values.trials, '--trials', 1, 100_000),
      workers: count(values.workers, '--workers', 1, 256),
      seed: count(values.seed, '--seed', 0, 2 ** 32 - 1),
      timeSeconds: values.time === undefined ? undefined : seconds(values.time),
    };
    const engine = engineOf(values.engine, values.tensorflow);
    const prepared = await prepare(file, console);
    if (!prepared) return 1;
    if (values.run !== undefined && !values.resume) throw new UsageError('--run names the run to go on with; it goes with --resume');
    return runFile(file, prepared, overrides, { ...values, write: !values['no-write'], engine }, console);
  },
};

type Settings = {
  readonly json: boolean;
  readonly resume: boolean;
  readonly run?: string;
  readonly force: boolean;
  readonly write: boolean;
  readonly engine: EngineSetting;
};

async function runFile(
  file: string,
  { spec: given, text, data }: Prepared,
  overrides: Overrides,
  { json, resume, run, force, write, engine }: Settings,
  console: Console,
): Promise<ExitCode> {
  const spec = overrides.seed === undefined ? given : { ...given, search: { ...given.search, seed: overrides.seed } };
  const opened = openRun(file, text, spec, overrides, engine, resume && { run });
  if ('refused' in opened) {
    console.err(`${opened.refused}\n`);
    return 2;
  }
  const { folder, writer, state, workers, trials, timeMs } = opened;
  const shown = relative(process.cwd(), folder);
  const progress = createProgress(console, !json);
  progress.note(
    `${resume ? 'Resuming' : 'Searching'} ${spec.name} with ${workers} workers on ${availableParallelism()} cores; the run lies in ${shown}`,
  );
  const { signal } = console;
  const ended = await runSearch({
    ...{ spec, data, folder, writer, state, engine, workers, trials, timeMs, signal },
    trainer: trainerUrl(),
    ...(spec.training.seeds > 1 && { repeats: spec.training.seeds }),
    onState: progress.show,
    now: Date.now,
  }).finally(() => {
    progress.close();
    writer.close();
  });
  if (ended.status === 'interrupted') {
    console.err(`Interrupted; nothing is lost. Go on with: sparse search ${quoted(file)} ${optionsOf(overrides)}--resume\n`);
    return 2;
  }
  if (ended.status === 'failed' || ended.chosen === undefined) {
    console.err(`${ended.status === 'failed' ? 'The search failed' : 'Nothing to write'}: ${ended.reason}\n`);
    if (json) console.out(`${JSON.stringify({ run: folder, status: ended.status, reason: ended.reason })}\n`);
    return 2;
  }
  if (!write) return told(console, json, ended, folder, spec);
  const into = resolvePath(dirname(resolve(file)), spec.output.folder);
  const written = writeExport({ run: folder, spec, specPath: resolve(file), id: ended.chosen, into, force });
  const { facts, plan } = written.exported;
  if (json) {
    console.out(`${JSON.stringify({ run: folder, status: ended.status, trials: ended.trials.length, ...facts, ...written.outcome })}\n`);
    return written.ok ? 0 : 1;
  }
  console.out(reportRun(ended, written.exported));
  console.out(`\nTest accuracy ${percent(ended.measures?.testAccuracy ?? 0)} with ${bytes(plan.ramBytes)} of RAM (predicted).\n`);
  console.out(`\n${written.message}\n`);
  if (written.ok) console.out(`Prove it: sparse verify ${relative(process.cwd(), into) || '.'}\n`);
  return written.ok ? 0 : 1;
}

/** Says what was found and leaves the writing to `sparse export`. */
function told(console: Console, json: boolean, ended: RunState, folder: string, spec: Spec): ExitCode {
  const exported = exportCandidate(spec, readCandidate(folder, ended.chosen!));
  if (json) console.out(`${JSON.stringify({ run: folder, status: ended.status, trials: ended.trials.length, ...exported.facts })}\n`);
  else console.out(`${reportRun(ended, exported)}\nNothing was written. Write it: sparse export ${relative(process.cwd(), folder)}\n`);
  return 0;
}
