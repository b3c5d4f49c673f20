import { readFileSync, statSync } from 'node:fs';
import type { Problem } from '../spec/problem.ts';
import { UsageError } from './command.ts';

/** More than any spec; the parser refuses texts beyond its own bound with a problem. */
const LARGEST_FILE = 8 << 20;

/** A spec's text as it lies on disk. */
export function readSpecFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`${path}: there is no such file`);
  if (!stat.isFile()) throw new UsageError(`${path}: this is not a file`);
  if (stat.size > LARGEST_FILE) throw new UsageError(`${path}: ${stat.size} bytes are too many for a spec`);
  return readFileSync(path, 'utf8');
}

export const hasErrors = (problems: readonly Problem[]): boolean => problems.some(({ severity }) => severity === 'error');

/** One problem a line, as compilers write them, its hint below; what is only for the editor to show is left out. */
export function formatProblems(file: string, problems: readonly Problem[]): string {
  return problems
    .filter(({ severity }) => severity !== 'information')
    .map(({ code, severity, range: { start }, message, hint }) => {
      const place = `${file}:${start.line + 1}:${start.character + 1}`;
      return `${place}: ${severity}: ${message} [${code}]${hint ? `\n    ${hint.replaceAll('\n', '\n    ')}` : ''}\n`;
    })
    .join('');
}
