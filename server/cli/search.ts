import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDataSet } from '../dataset/load.ts';
import { runSearch } from '../run/search.ts';
import { searchOptions } from '../run/setting.ts';
import { dataProblem, parseSpec } from '../spec/parse.ts';
import { resolvePath, type Spec, toDataSource } from '../spec/spec.ts';
import { checkFile } from './check.ts';
import { type Command, type Console, type ExitCode, UsageError } from './command.ts';
import { writeExport } from './export.ts';
import { formatProblems, hasErrors, readSpecFile } from './problems.ts';
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
} as const;

export const search: Command = {
  summary: 'searches networks for a spec, and writes the C of the best that fits',
  usage: 'sparse search FILE [--trials N] [--time "30 min"] [--workers N] [--seed N] [--json] [--resume] [--force]',
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
    const prepared = await prepare(file, console);
    if (!prepared) return 1;
    return runFile(file, prepared, overrides, values, console);
  },
};

type Prepared = { readonly spec: Spec; readonly text: string; readonly data: NonNullable<Awaited<ReturnType<typeof loadDataSet>>['data']> };

/** The spec and its data, or nothing after saying what is wrong with them: a spec with an error never starts a search. */
async function prepare(file: string, console: Console): Promise<Prepared | undefined> {
  const text = readSpecFile(file);
  const { spec, problems } = await checkFile(file);
  console.err(
    formatProblems(
      file,
      problems.filter(({ severity }) => severity !== 'information'),
    ),
  );
  if (!spec || hasErrors(problems)) return undefined;
  const { data, faults } = await loadDataSet(toDataSource(spec, dirname(resolve(file))));
  if (!data) {
    const parsed = parseSpec(text);
    console.err(
      formatProblems(
        file,
        faults.map((fault) => dataProblem(parsed, fault)),
      ),
    );
    return undefined;
  }
  const spaceFaults = spec.network ? [] : searchOptions(spec, data).faults;
  for (const fault of spaceFaults) console.err(`${file}: error: search.space: ${fault}\n`);
  return spaceFaults.length > 0 ? undefined : { spec, text, data };
}

async function runFile(
  file: string,
  { spec: given, text, data }: Prepared,
  overrides: Overrides,
  { json, resume, force }: { json: boolean; resume: boolean; force: boolean },
  console: Console,
): Promise<ExitCode> {
  const spec = overrides.seed === undefined ? given : { ...given, search: { ...given.search, seed: overrides.seed } };
  const opened = openRun(file, text, spec, overrides, resume);
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
    ...{ spec, data, folder, writer, state, workers, trials, timeMs, signal },
    trainer: trainerUrl(),
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

/** What the command line said in place of the spec, to be said again. */
function optionsOf({ trials, timeSeconds, workers, seed }: Overrides): string {
  const given = { trials, time: timeSeconds && `"${timeSeconds} s"`, workers, seed };
  return Object.entries(given)
    .map(([option, value]) => (value === undefined ? '' : `--${option} ${value} `))
    .join('');
}

const quoted = (path: string): string => (/[^\w./\\:-]/.test(path) ? `"${path}"` : path);

function count(text: string | undefined, option: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not ${text}`);
  return value;
}

function seconds(text: string): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(s|min|h)\s*$/.exec(text) ?? [];
  if (!(Number(amount) > 0)) throw new UsageError(`--time takes a time such as "90 s", "30 min" or "2 h", not ${text}`);
  return Number(amount) * { s: 1, min: 60, h: 3600 }[unit as 's' | 'min' | 'h'];
}
