import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './harness/place.ts';

const example = join(root, 'media/examples/digits');
/** What runs leave in the example. */
const left = ['data', '.sparse', 'firmware/lib'].map((path) => join(example, path));

/** A user's folder: the digits example, and a YAML file that is none of our business. */
export function makeWorkspace(folder: string): string {
  cpSync(example, folder, { recursive: true, filter: (path) => !left.includes(path) });
  writeFileSync(join(folder, 'other.yaml'), 'name: other\n');
  return folder;
}

export function makeEmpty(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Makes the search of a spec one of `seconds`, however fast the machine. */
export function shorten(file: string, seconds: number): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text
      .replace(/trials: \d+/, 'trials: 5000')
      .replace(/time: .*/, `time: ${seconds} s`)
      .replace(/epochs: \d+/, 'epochs: 1'),
  );
}
