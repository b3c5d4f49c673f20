import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Header } from '../../run/record.ts';
import { parseSpec } from '../../spec/parse.ts';

const MOST_RUNS = 100;
const MOST_SPECS = 100;
const MOST_SPEC_BYTES = 1 << 20;

/** The runs that lie beside a folder's specs: `.sparse/runs/NAME-TIME`, those with a journal, the newest of many. */
export function findRuns(folder: string): string[] {
  const runs = join(folder, '.sparse', 'runs');
  const found = names(runs).map((name) => join(runs, name));
  const journals = found.map((run) => ({ run, stat: statSync(join(run, 'journal.jsonl'), { throwIfNoEntry: false }) }));
  return journals
    .filter(({ stat }) => stat?.isFile())
    .sort((a, b) => b.stat!.mtimeMs - a.stat!.mtimeMs)
    .slice(0, MOST_RUNS)
    .map(({ run }) => run);
}

/** The spec that a run was made from: of those beside it the one with the same text, else of the same name. */
export function findSpec(run: string, header: Header): string | undefined {
  const folder = dirname(dirname(dirname(run)));
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
