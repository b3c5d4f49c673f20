import type { Header, NumberArray } from '../array.ts';
import { sizeOf } from '../bytes.ts';
import { type Labels, labelsOf } from '../labels.ts';
import type { SplitSource } from '../source.ts';
import { type Format, type Head, headOf, isRefusal, type Raw, type Refusal, refuse } from './format.ts';
import { headIdx, readIdx } from './idx.ts';
import { headNpy, readNpy } from './npy.ts';
import { readNpz } from './npz.ts';

/** Formats that keep samples and labels as two arrays of numbers, in two files or in one archive. */
export const idx: Format = {
  read: (files) => pairFiles(files, readIdx, readIdx),
  head: (files) => pairFiles(files, headIdx, readIdx),
};

export const npy: Format = {
  read: (files, split) => (isArchive(files.samples) ? pairEntries(files, split) : pairFiles(files, readNpy, readLabels(split))),
  async head(files, split) {
    if (!isArchive(files.samples)) return pairFiles(files, headNpy, readLabels(split));
    if ((await sizeOf(files.samples)) > LARGEST_HEAD) return undefined;
    const raw = await pairEntries(files, split);
    return isRefusal(raw) ? raw : headOf(raw);
  },
};

/** An archive up to this size is small enough to be unpacked for its head. */
const LARGEST_HEAD = 2 ** 24;

/** Names under which archives hold the arrays of a split, first choice first. */
const NAMES = {
  train: {
    samples: ['x_train', 'train_x', 'train_images', 'x', 'samples', 'images', 'data'],
    labels: ['y_train', 'train_y', 'train_labels', 'y', 'labels'],
  },
  test: {
    samples: ['x_test', 'test_x', 'test_images', 'x', 'samples', 'images', 'data'],
    labels: ['y_test', 'test_y', 'test_labels', 'y', 'labels'],
  },
};

const isArchive = (path: string): boolean => /\.npz$/i.test(path);

const readLabels =
  (split: 'train' | 'test') =>
  (path: string): Promise<NumberArray | string> =>
    isArchive(path) ? readNpz(path, NAMES[split].labels) : readNpy(path);

async function pairEntries(files: SplitSource, split: 'train' | 'test'): Promise<Raw | Refusal> {
  const labels = files.labels ?? files.samples;
  return pair(await readNpz(files.samples, NAMES[split].samples), await readLabels(split)(labels));
}

async function pairFiles<Samples extends Header | NumberArray>(
  files: SplitSource,
  readSamples: (path: string) => Promise<Samples | string>,
  readLabelFile: (path: string) => Promise<NumberArray | string>,
): Promise<Paired<Samples> | Refusal> {
  if (files.labels === undefined) return refuse('labels', 'has no labels beside it; name the file that holds them');
  return pair(await readSamples(files.samples), await readLabelFile(files.labels));
}

type Paired<Samples> = Samples & Head;

function pair<Samples extends Header | NumberArray>(
  samples: Samples | string,
  labelArray: NumberArray | string,
): Paired<Samples> | Refusal {
  if (typeof samples === 'string') return refuse('samples', samples);
  if (typeof labelArray === 'string') return refuse('labels', labelArray);
  const labels: Labels | string = labelsOf(labelArray);
  if (typeof labels === 'string') return refuse('labels', labels);
  const [count, ...extents] = samples.extents;
  if (labels.index.length !== count) return refuse('labels', `holds ${labels.index.length} labels for ${count} samples`);
  return { ...samples, count, extents, labels };
}
