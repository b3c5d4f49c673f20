import type { Fix, Problem, Range } from '../problem.ts';

export type Action = { readonly fix: Fix; readonly problem: Problem };

/** The fixes of the problems that a range touches. */
export const actions = (problems: readonly Problem[], range: Range): Action[] =>
  problems.filter((problem) => touches(problem.range, range)).flatMap((problem) => (problem.fixes ?? []).map((fix) => ({ fix, problem })));

const touches = (a: Range, b: Range): boolean => !isBefore(a, b) && !isBefore(b, a);

const isBefore = (a: Range, b: Range): boolean =>
  a.end.line < b.start.line || (a.end.line === b.start.line && a.end.character < b.start.character);
