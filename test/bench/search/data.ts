import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSet, Samples } from '../../../server/dataset/dataset.ts';
import { loadDataSet } from '../../../server/dataset/load.ts';
import { elements } from '../../../server/network/shape.ts';
import { drawnDigits } from './digits.ts';

export type DataName = 'digits' | 'mnist' | 'cifar10-binary';

/** Where the real data lies, beside the checkout. */
const FOLDER = new URL('../../../../shared/data', import.meta.url).pathname;

/**
 * The first `train` samples of the training split and the first `validation` of the validation split: splits are drawn, so these are as random as any. Undefined where the
 * data is not there. The test split is left empty but for `test` samples.
 */
export async function dataOf(name: DataName, train: number, validation: number, test = 10): Promise<DataSet | undefined> {
  if (name === 'digits') return drawnDigits(train, validation);
  if (!existsSync(join(FOLDER, name))) return undefined;
  const files = (split: string) => ({
    samples: join(FOLDER, name, `${split}-images-idx3-ubyte.gz`),
    labels: join(FOLDER, name, `${split}-labels-idx1-ubyte.gz`),
  });
  const { data, faults } = await loadDataSet({
    name,
    format: 'idx',
    train: files('train'),
    test: files('t10k'),
    validationShare: 0.2,
    testShare: 0,
    normalise: 'standard',
    seed: 1,
  });
  if (!data) throw new Error(faults[0].message);
  return { ...data, train: first(data.train, train), validation: first(data.validation, validation), test: first(data.test, test) };
}

function first(samples: Samples, count: number): Samples {
  const kept = Math.min(count, samples.count);
  const x = new Uint8Array(new SharedArrayBuffer(kept * elements(samples.shape)));
  x.set(samples.x.subarray(0, x.length));
  return { ...samples, count: kept, x, labels: samples.labels.slice(0, kept) };
}
