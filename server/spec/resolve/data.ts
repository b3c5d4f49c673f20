import type { ClassGroup, DataFormat } from '../../dataset/source.ts';
import type { Shape } from '../../network/shape.ts';
import { valueAt } from '../issue.ts';
import type { Fault } from '../problem.ts';
import { FORMATS, data as schema } from '../schema/data.ts';
import type { Written } from '../schema/schema.ts';
import type { Data } from '../spec.ts';

type WrittenData = Written['data'];

export function resolveData(written: WrittenData, faults: Fault[]): Data | undefined {
  const format = written.format ?? inferFormat(written, faults);
  if (!format) return undefined;
  checkLabels(written, format, faults);
  checkShares(written, faults);
  return {
    format,
    train: written.train,
    ...(written.test ? { test: written.test } : {}),
    validationShare: written.validation,
    testShare: written.testShare,
    ...(written.shape ? { shape: shapeOf(written.shape) } : {}),
    ...(written.labelColumn ? { labelColumn: written.labelColumn } : {}),
    ...(written.classes ? { classes: classesOf(written.classes, format, faults) } : {}),
    normalise: written.normalise,
  };
}

/** The shape of a sample, whatever else is wrong with the data: a network can be followed while the rest is typed. */
export function writtenShape(spec: unknown): Shape | undefined {
  const shape = schema.shape.shape.safeParse(valueAt(spec, ['data', 'shape']));
  return shape.data && shapeOf(shape.data);
}

const shapeOf = (written: readonly number[]): Shape =>
  written.length === 2
    ? { height: written[0], width: 1, channels: written[1] }
    : { height: written[0], width: written[1], channels: written[2] };

function inferFormat({ train }: WrittenData, faults: Fault[]): DataFormat | undefined {
  const file = train.samples.toLowerCase().replace(/\.gz$/, '');
  if (/\.np[yz]$/.test(file)) return 'npy';
  if (/\.(csv|tsv|txt)$/.test(file)) return 'csv';
  if (/(\.idx|-ubyte)\d?$|[-.]idx\d[-.]ubyte$/.test(file)) return 'idx';
  if (/(^|[\\/])[^.\\/]*[\\/]?$/.test(file) || /(^|[\\/])\.{1,2}[\\/]?$/.test(file)) return 'images';
  const message = `the name of the samples does not tell how the data is stored; add format: ${FORMATS.join(', ')}`;
  faults.push({ code: 'format', path: ['data', 'train', 'samples'], message });
  return undefined;
}

function checkLabels(written: WrittenData, format: DataFormat, faults: Fault[]): void {
  for (const name of ['train', 'test'] as const) {
    const split = written[name];
    if (!split) continue;
    const apart = format === 'idx' || (format === 'npy' && !/\.npz$/i.test(split.samples));
    if (apart && split.labels === undefined) {
      const message = `${name} needs a labels file: in ${format} data samples and labels are kept apart`;
      faults.push({ code: 'labels', path: ['data', name], at: 'key', message });
    }
    if ((format === 'images' || format === 'csv') && split.labels !== undefined) {
      const message = format === 'images' ? 'the folders of the images are their labels' : 'the labels of CSV data are a column of it';
      faults.push({ code: 'labels', path: ['data', name, 'labels'], at: 'key', message: `${message}; leave labels out` });
    }
  }
}

function checkShares(written: WrittenData, faults: Fault[]): void {
  const testShare = written.test ? 0 : written.testShare;
  if (written.validation <= 0)
    faults.push({ code: 'shares', path: ['data', 'validation'], message: 'validation must be more than 0: candidates are compared on it' });
  else if (!written.test && testShare <= 0)
    faults.push({ code: 'shares', path: ['data', 'testShare'], message: 'testShare must be more than 0 where there are no test samples' });
  else if (written.validation + testShare > 0.9) {
    const message = 'validation and test together may take at most 90 % of the training samples';
    faults.push({ code: 'shares', path: ['data', 'validation'], message });
  }
}

function classesOf(written: NonNullable<WrittenData['classes']>, format: DataFormat, faults: Fault[]): ClassGroup[] {
  const path = ['data', 'classes'];
  if (Array.isArray(written)) {
    const twice = written.findIndex((name, index) => written.indexOf(name) < index);
    if (twice >= 0) faults.push({ code: 'classes', path: [...path, twice], message: `two classes are named ${written[twice]}` });
    return written.map((name, index) => ({ name, labels: [format === 'images' ? name : index] }));
  }
  const groups = Object.entries(written).map(([name, labels]) => ({ name, labels: Array.isArray(labels) ? labels : [labels] }));
  if (groups.length < 2 || groups.length > 256)
    faults.push({ code: 'classes', path, message: `there must be 2 to 256 classes, not ${groups.length}` });
  const owner = new Map<string | number, string>();
  for (const { name, labels } of groups)
    for (const label of labels) {
      const other = owner.get(label);
      if (other !== undefined)
        faults.push({ code: 'classes', path: [...path, name], message: `label ${label} belongs to ${other} already` });
      owner.set(label, other ?? name);
    }
  return groups;
}
