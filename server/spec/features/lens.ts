import type { Parsed } from '../parse.ts';
import { rangeOf } from '../parse.ts';
import type { Range } from '../problem.ts';

/** A command shown above a line. */
export type Lens = { readonly range: Range; readonly title: string; readonly command: string };

/** The search is started from the spec's first line. */
export const lenses = (parsed: Parsed): Lens[] =>
  parsed.source.value === null || parsed.source.value === undefined
    ? []
    : [{ range: rangeOf(parsed, []), title: 'Run SpArSe Search', command: 'sparse.runSearch' }];
