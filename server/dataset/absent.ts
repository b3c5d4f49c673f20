import { basename, dirname } from 'node:path';
import type { DataSource } from './source.ts';

/** Where to get a file that is not there, if it is one of the four that MNIST and the embedded example name alike. */
export function absentHint(source: DataSource, path: string): string | undefined {
  const name = basename(path).replace(/\.gz$/i, '').replace('.idx', '-idx');
  const sha256 = MNIST_SHA256.get(name);
  if (sha256 === undefined) return undefined;
  if (source.name === 'digits') return `The images of the example are drawn by: sparse digits ${dirname(path)}`;
  if (!/mnist/i.test(source.name + path)) return undefined;
  const files = [...MNIST_SHA256.keys()].map((each) => `${each}.gz`).join(', ');
  return `The MNIST database of handwritten digits (LeCun, Cortes and Burges) is published as four files, ${files}; mirrors exist. Put them into ${dirname(path)}. Unpacked, ${name} has the sha256 ${sha256}.`;
}

/** Of the unpacked files. */
export const MNIST_SHA256: ReadonlyMap<string, string> = new Map([
  ['train-images-idx3-ubyte', 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'],
  ['train-labels-idx1-ubyte', '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'],
  ['t10k-images-idx3-ubyte', '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'],
  ['t10k-labels-idx1-ubyte', 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'],
]);
