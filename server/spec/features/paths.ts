import { rangeBetween } from '../lines.ts';
import { isScalar } from '../node.ts';
import type { Path, Range } from '../problem.ts';
import type { Source } from '../source.ts';
import { nodeAt } from '../tree.ts';

/** The values that are paths, from the folder of the spec. */
const PATHS: readonly Path[] = [
  ['data', 'train', 'samples'],
  ['data', 'train', 'labels'],
  ['data', 'test', 'samples'],
  ['data', 'test', 'labels'],
  ['output', 'folder'],
];

export const isPath = (path: Path): boolean => PATHS.some((each) => each.join('.') === path.join('.'));

/** A path as it is written. */
export type WrittenPath = { readonly path: Path; readonly written: string; readonly range: Range };

/** What leads from the spec to files and folders, quotes left out of the ranges. */
export const writtenPaths = (source: Source): WrittenPath[] =>
  PATHS.flatMap((path) => {
    const node = nodeAt(source, path);
    if (!isScalar(node) || typeof node.value !== 'string' || node.value === '') return [];
    const quote = /^["']/.test(source.lines.text.slice(node.start, node.end)) ? 1 : 0;
    const { length } = source.lines.text.slice(node.start, node.end).trimEnd();
    return [{ path, written: node.value, range: rangeBetween(source.lines, node.start + quote, node.start + length - quote) }];
  });
