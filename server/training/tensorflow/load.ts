import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend, Tensorflow } from './library.ts';

export type LoadOptions = {
  /** The folder whose `node_modules` has TensorFlow; without it the one that SPARSE_TENSORFLOW names, else where this program lies. */
  readonly folder?: string;
  /** Without a wish `tensorflow`. */
  readonly backend?: Backend;
};

/** Loads TensorFlow from where the user has it; `missing` says what to install, and where. */
export function loadTensorflow({ folder, backend = 'tensorflow' }: LoadOptions = {}): { tensorflow: Tensorflow } | { missing: string } {
  const named = folder ?? process.env.SPARSE_TENSORFLOW;
  const from = named ? resolve(named) : dirname(fileURLToPath(import.meta.url));
  const require = createRequire(join(from, 'any.js'));
  const found = PACKAGES[backend].find((name) => has(require, name));
  if (!found) return { missing: missing(PACKAGES[backend][0], named && from) };
  restoreUtil(require('node:util'));
  try {
    return { tensorflow: require(found) };
  } catch (error) {
    const again = backend === 'tensorflow' ? `. Its library is fetched again by npm rebuild --prefix ${from} ${found}` : '';
    return { missing: `${found} is in ${from} but does not load: ${firstLine(error)}${again}` };
  }
}

/** The packages that have a backend; those in front are preferred. */
const PACKAGES: { readonly [name in Backend]: readonly string[] } = {
  tensorflow: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
  cpu: ['@tensorflow/tfjs'],
};

function missing(name: string, folder: string | undefined): string {
  const install = (into: string) => `npm install --prefix ${into} ${name}`;
  return folder
    ? `TensorFlow is not installed: ${folder} has no ${name}. Install it there: ${install(folder)}`
    : `TensorFlow is not installed. Install it into a folder of its own, ${install('FOLDER')}, and set SPARSE_TENSORFLOW to that folder`;
}

function has(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

type Util = { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };

/** tfjs-node 4.22 calls what Node 23 removed, and what Node warns of. */
function restoreUtil(util: Util): void {
  util.isNullOrUndefined = (value) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0].replace(/[. ]+$/, '');
