import type { Shape } from '../network/shape.ts';

export type DataFormat = 'idx' | 'npy' | 'csv' | 'images';

/** Where one split's samples lie; absolute paths. `labels` is a second file where the format keeps them apart. */
export type SplitSource = {
  readonly samples: string;
  readonly labels?: string;
};

/** One class of the task: its name and the labels of the data that belong to it (numbers as written in label files, or folder names). */
export type ClassGroup = {
  readonly name: string;
  readonly labels: readonly (number | string)[];
};

/** All that is needed to load a data set, free of the spec's syntax. */
export type DataSource = {
  readonly name: string;
  readonly format: DataFormat;
  readonly train: SplitSource;
  /** Absent: `testShare` of the training data is set aside. */
  readonly test?: SplitSource;
  /** Shares of the training data, 0..1, taken by seeded, stratified choice. */
  readonly validationShare: number;
  readonly testShare: number;
  /** What the samples must look like; where the files say nothing of height, width and channels (CSV), what they are. */
  readonly shape?: Shape;
  /** Of CSV: the column that holds the labels. Absent: the one headed `label`, or whichever of the two can hold labels. */
  readonly labelColumn?: 'first' | 'last';
  /** Absent: one class per label that occurs. Labels in no group are left out of the data. */
  readonly classes?: readonly ClassGroup[];
  /** `standard`: mean and deviation of the training split. `none`: zero point 0, deviation 255. */
  readonly normalise: 'standard' | 'none';
  readonly seed: number;
};

/** A fault of the data, at the field of the spec that names it. */
export type DataFault = {
  readonly field: 'train.samples' | 'train.labels' | 'test.samples' | 'test.labels' | 'shape' | 'classes' | 'validation' | 'format';
  readonly message: string;
  readonly hint?: string;
};
