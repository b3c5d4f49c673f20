import * as z from 'zod';
import { whole } from './bounds.ts';
import { share } from './quantity.ts';

export const FORMATS = ['idx', 'npy', 'csv', 'images'] as const;

const path = z.string().min(1).max(1000).meta({ title: 'a path, from the folder of this spec' });
const label = z.union([whole(0, 255), z.string().min(1).max(100)]);
const className = z.union([z.string().min(1).max(100), z.number().transform(String)]);

const split = z.strictObject({
  samples: path.meta({ description: 'File or folder with the samples, relative to this spec. Gzip files are read as they are.' }),
  labels: path.optional().meta({ description: 'File with one label per sample, where the format keeps them apart (IDX, `.npy`).' }),
});

export const data = z.strictObject({
  format: z.enum(FORMATS).optional().meta({
    description:
      'How the data is stored: `idx` (the format of MNIST), `npy` (NumPy arrays, also `.npz`), `csv`, or `images` (PNG files, one folder per class). Left out, the file names tell it.',
  }),
  train: split.meta({ description: 'The samples to learn from. Validation samples are set aside from them.' }),
  test: split.optional().meta({
    description:
      'Samples that are used once, to report the accuracy of the chosen candidate. Left out, `testShare` of the training samples.',
  }),
  validation: share.prefault('10 %').meta({
    description: 'Share of the training samples on which candidates are compared. Chosen at random, with every class in proportion.',
  }),
  testShare: share
    .prefault('10 %')
    .meta({ description: 'Share of the training samples set aside for the test, where `test` is left out.' }),
  shape: z
    .union([z.tuple([whole(1, 4096), whole(1, 4096), whole(1, 4096)]), z.tuple([whole(1, 65536), whole(1, 4096)])])
    .optional()
    .meta({
      title: '[height, width, channels] or [steps, channels]',
      description: 'What one sample looks like. Needed for CSV, and for a network written by hand.',
      examples: [[28, 28, 1]],
    }),
  labelColumn: z.enum(['first', 'last']).optional().meta({
    description: 'The column of CSV data that holds the labels. Left out, the one headed `label`, or the one that looks like it.',
  }),
  classes: z
    .union([z.array(className).min(2).max(256), z.record(z.string().min(1).max(100), z.union([label, z.array(label).min(1).max(256)]))])
    .optional()
    .meta({
      title: 'a list of names, or names with their labels such as { animal: [2, 3], vehicle: [0, 1] }',
      description:
        'The names of the classes in the order of their labels (of images: the names of the folders), or a regrouping: each class with the labels that belong to it. Samples of labels in no class are left out.',
    }),
  normalise: z.enum(['standard', 'none']).default('standard').meta({
    description: '`standard` subtracts the mean of the training samples and divides by their deviation; `none` maps bytes to 0..1.',
  }),
});
