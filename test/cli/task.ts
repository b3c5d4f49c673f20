import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { digitsFiles } from '../../server/dataset/digits/generate.ts';

/** The sections of a spec, each written in one line, so that a section's place is its line. */
export type Sections = { readonly [section: string]: string };

const DATA = `{ train: ${split('train')}, test: ${split('t10k')} }`;

function split(prefix: string): string {
  return `{ samples: data/${prefix}-images-idx3-ubyte.gz, labels: data/${prefix}-labels-idx1-ubyte.gz }`;
}

/** A search of networks so small that a trial takes a fraction of a second. */
const SECTIONS: Sections = {
  name: 'tiny',
  data: DATA,
  target: '{ chip: atmega328p }',
  search: '{ trials: 4, workers: 1, seed: 3, space: { downsample: 2, blocks: 1, layers: 1, filters: [2, 6], dense: 0, branches: 0 } }',
  training: '{ epochs: 2, batch: 32 }',
  pruning: '{ structured: [0, 0.5], unstructured: [0, 0.5] }',
};

/** The network of a spec that is written by hand, and the data with the shape that it needs. */
export const byHand = (network: string, shape = '[28, 28, 1]'): Sections => ({ data: DATA.replace(/ }$/, `, shape: ${shape} }`), network });

/** Sections given as an empty text are left out. */
export const specText = (sections: Sections = {}): string =>
  Object.entries({ ...SECTIONS, ...sections })
    .filter(([, value]) => value !== '')
    .map(([section, value]) => `${section}: ${value}\n`)
    .join('');

/** The digits of a small data set by file name; drawn once. */
export const digits: ReadonlyMap<string, Uint8Array> = digitsFiles({ train: 300, test: 100, seed: 1 });

export type Task = {
  readonly folder: string;
  readonly spec: string;
  /** Of every file in the folder, by path from it. */
  files(): { readonly [path: string]: string };
  put(path: string, content: string | Uint8Array): string;
  read(path: string): string;
  /** Folders of runs. */
  runs(): string[];
};

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A spec with its data in a folder of its own, gone when the tests of the file are done. */
export function makeTask(sections: Sections = {}, data: ReadonlyMap<string, Uint8Array> = digits): Task {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-cli-'));
  folders.push(folder);
  const put = (path: string, content: string | Uint8Array) => {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    return full;
  };
  for (const [name, bytes] of data) put(`data/${name}`, bytes);
  return {
    folder,
    spec: put('tiny.sparse.yaml', specText(sections)),
    put,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    files: () => filesIn(folder),
    runs: () => names(join(folder, '.sparse/runs')).map((name) => join(folder, '.sparse/runs', name)),
  };
}

/** The content of each file under a folder. */
export function filesIn(folder: string): { [path: string]: string } {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [relative(folder, join(folder, path)), readFileSync(join(folder, path), 'latin1')]));
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
