import type { Shape } from '../network/shape.ts';
import { classPerSample, LEFT_OUT } from './classes.ts';
import { type Head, isRefusal } from './formats/format.ts';
import { FORMATS } from './formats/table.ts';
import { agree, faultAt } from './heads.ts';
import { shareFault } from './load.ts';
import type { DataFault, DataSource } from './source.ts';

/** What a data set is, as far as headers and labels tell. */
export type Probe = {
  readonly shape: Shape;
  readonly classes: readonly string[];
  /** Samples of the classes in the training files, of which validation and, without test files, test are still to be taken. */
  readonly trainCount: number;
  readonly testCount?: number;
};

/** What comes of looking; `trainCounts` are the training samples of each class. */
export type Probed = { readonly probe?: Probe; readonly trainCounts?: readonly number[]; readonly faults: DataFault[] };

/** Looks at headers and labels only. Neither probe nor faults come back where that would mean reading all of a large file (CSV, npz). */
export async function probeDataSet(source: DataSource): Promise<Probed> {
  const shares = shareFault(source);
  if (shares) return { faults: [shares] };
  const format = FORMATS[source.format];
  const train = await format.head(source.train, 'train', source);
  const test = source.test && (await format.head(source.test, 'test', source));
  const faults: DataFault[] = [];
  if (train && isRefusal(train)) faults.push(faultAt(source, 'train', train));
  if (test && isRefusal(test)) faults.push(faultAt(source, 'test', test));
  if (!train || isRefusal(train) || (source.test && !test) || (test && isRefusal(test))) return { faults };
  const agreement = agree(source, train, test);
  if (Array.isArray(agreement)) return { faults: agreement };
  const { shape, classes } = agreement;
  const countOf = (head: Head) => classPerSample(head.labels, classes).filter((each) => each !== LEFT_OUT).length;
  const trainCounts = new Array<number>(classes.names.length).fill(0);
  for (const each of classPerSample(train.labels, classes)) if (each !== LEFT_OUT) trainCounts[each]++;
  const probe = { shape, classes: classes.names, trainCount: countOf(train), ...(test && { testCount: countOf(test) }) };
  return { probe, trainCounts, faults };
}
