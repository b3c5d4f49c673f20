import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { journalPath } from './journal.ts';

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
export function latestRun(specFolder: string, name: string): string | undefined {
  const folder = runsFolder(specFolder);
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((each) => each.startsWith(`${name}-`) && /^\d{8}-\d{6}(-\d+)?$/.test(each.slice(name.length + 1)))
    .map((each) => join(folder, each))
    .filter((each) => existsSync(journalPath(each)))
    .sort((a, b) => statSync(journalPath(a)).mtimeMs - statSync(journalPath(b)).mtimeMs)
    .pop();
}
