import type { Values } from '../array.ts';
import type { Labels } from '../labels.ts';
import type { DataSource, SplitSource } from '../source.ts';

/** What is known of a file's samples before their values are read. */
export type Head = {
  readonly count: number;
  /** One sample's extents. */
  readonly extents: readonly number[];
  readonly labels: Labels;
};

/** Samples as a file holds them: `values` is [count, ...extents]. */
export type Raw = Head & { readonly values: Values };

export const headOf = ({ count, extents, labels }: Raw): Head => ({ count, extents, labels });

/** Why a file is refused; the message goes on after the name of the file that `part` names. */
export type Refusal = { readonly part: 'samples' | 'labels'; readonly message: string };

/** How the files of one format are read. The test files are read with the training data's in hand, which they must match. */
export type Format = {
  read(files: SplitSource, split: 'train' | 'test', source: DataSource): Promise<Raw | Refusal>;
  /** Reads headers and labels; undefined where that would mean to read all of large files. */
  head(files: SplitSource, split: 'train' | 'test', source: DataSource): Promise<Head | Refusal | undefined>;
};

export const isRefusal = (result: object): result is Refusal => 'part' in result;

export const refuse = (part: Refusal['part'], message: string): Refusal => ({ part, message });
