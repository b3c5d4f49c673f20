import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { probeDataSet } from '../dataset/probe.ts';
import type { DataSource } from '../dataset/source.ts';
import type { DataFacts } from '../spec/features/facts.ts';

/** Looks at a data set's headers and labels, again only where a file of it has changed. */
export type DataLook = (source: DataSource) => Promise<DataFacts>;

const MOST_KEPT = 16;
const MOST_FOLDERS = 300;

export function createDataLook(probe: typeof probeDataSet = probeDataSet): DataLook {
  const known = new Map<string, { stamp: string; facts: DataFacts }>();
  return async (source) => {
    const key = sourceKey(source);
    const stamp = await stampOf(source);
    const last = known.get(key);
    if (last?.stamp === stamp) return last.facts;
    const found = await probe(source);
    const { shape, classes } = found.probe ?? {};
    const facts: DataFacts = {
      faults: found.faults,
      ...(shape && classes && found.trainCounts ? { probe: { shape, classes, trainCounts: found.trainCounts } } : {}),
    };
    known.delete(key);
    known.set(key, { stamp, facts });
    if (known.size > MOST_KEPT) known.delete(known.keys().next().value!);
    return facts;
  };
}

/** Two sources of one key hold the same, as long as their files do. */
export const sourceKey = ({ name: _name, seed: _seed, ...source }: DataSource): string => JSON.stringify(source);

/** Modification times and sizes of the files; of a folder of images those of its own folders. */
async function stampOf({ train, test }: DataSource): Promise<string> {
  const paths = [train.samples, train.labels, test?.samples, test?.labels].filter((path) => path !== undefined);
  return (await Promise.all(paths.map((path) => stampOfPath(path, true)))).join(';');
}

async function stampOfPath(path: string, deep: boolean): Promise<string> {
  const about = await stat(path).catch(() => undefined);
  if (!about) return '-';
  const own = `${about.mtimeMs} ${about.size}`;
  if (!about.isDirectory() || !deep) return own;
  const names = (await readdir(path).catch(() => [])).slice(0, MOST_FOLDERS);
  return [own, ...(await Promise.all(names.map((name) => stampOfPath(join(path, name), false))))].join(',');
}
