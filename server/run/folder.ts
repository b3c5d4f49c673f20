import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseSpec } from '../spec/parse.ts';
import { journalPath } from './journal.ts';
import type { Header } from './record.ts';

const MOST_RUNS = 100;
const MOST_SPECS = 100;
const MOST_SPEC_BYTES = 1 << 20;

/** Where the runs of the specs in a folder lie. */
export const runsFolder = (specFolder: string): string => join(specFolder, '.sparse', 'runs');

/** The folder of the spec that a run was made from: runs lie in `.sparse/runs` beside it. */
export const specFolderOf = (run: string): string => dirname(dirname(dirname(run)));

/** A folder for a new run: `NAME-YYYYMMDD-HHMMSS`, and a number where that is taken. */
export function newRunFolder(specFolder: string, name: string, at: Date): string {
  const stamp = at.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const base = join(runsFolder(specFolder), `${name}-${stamp}`);
  for (let i = 1; ; i++) {
    const folder = i === 1 ? base : `${base}-${i}`;
    if (!existsSync(folder)) return folder;
  }
}

/** The newest run of a spec's name. */
export const latestRun = (specFolder: string, name: string): string | undefined =>
  findRuns(specFolder).find((run) => {
    const base = basename(run);
    return base.startsWith(`${name}-`) && /^\d{8}-\d{6}(-\d+)?$/.test(base.slice(name.length + 1));
  });

/** The runs that lie beside a folder's specs: `.sparse/runs/NAME-TIME`, those with a journal, the newest of many. */
export function findRuns(folder: string): string[] {
  const runs = runsFolder(folder);
  const found = names(runs).map((name) => join(runs, name));
  const journals = found.map((run) => ({ run, stat: statSync(journalPath(run), { throwIfNoEntry: false }) }));
  return journals
    .filter(({ stat }) => stat?.isFile())
    .sort((a, b) => b.stat!.mtimeMs - a.stat!.mtimeMs)
    .slice(0, MOST_RUNS)
    .map(({ run }) => run);
}

/** The spec that a run was made from: of those beside it the one with the same text, else of the same name. */
export function findSpec(run: string, header: Header): string | undefined {
  const folder = specFolderOf(run);
  const specs = names(folder)
    .filter((name) => /\.sparse\.ya?ml$/.test(name))
    .slice(0, MOST_SPECS)
    .map((name) => join(folder, name));
  const same = specs.find((path) => createHash('sha256').update(readSpec(path)).digest('hex') === header.specHash);
  return same ?? specs.find((path) => parseSpec(readSpec(path)).draft.name === header.name);
}

/** The text of a spec; nothing where there is none, or too much. */
export function readSpec(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= MOST_SPEC_BYTES ? readFileSync(path, 'utf8') : '';
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
