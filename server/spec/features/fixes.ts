import { offsetAt } from '../lines.ts';
import { isList, isMap } from '../node.ts';
import type { Edit, Fix, Path, Problem, Range } from '../problem.ts';
import type { Source } from '../source.ts';
import { nodeAt, pathAt } from '../tree.ts';
import { type Action, actions } from './actions.ts';
import { diagnose } from './diagnostics.ts';
import { applyEdits, insertEntry, removeItem, removePair, replace } from './edits.ts';
import type { Examined } from './examine.ts';
import { defaults, meant } from './meant.ts';
import { remedies } from './remedies.ts';
import { rewrites } from './rewrites.ts';
import { syntaxFixes } from './syntax.ts';

/** Examines a text as the one at hand was, with the same price and the same facts. */
export type Examine = (text: string) => Examined;

/** The fixes of the problems that a range touches. Each was tried: its problem is gone behind it, and there is no new one. */
export function quickFixes(examined: Examined, range: Range, again: Examine): Action[] {
  const problems = diagnose(examined);
  const touched = problems.filter((problem) => actions([{ ...problem, fixes: [{ title: '', edits: [] }] }], range).length > 0);
  return touched.flatMap((problem) => {
    const start = offsetAt(examined.parsed.source.lines, problem.range.start);
    const path = pathAt(examined.parsed.source.root, start)?.path ?? [];
    const found = [...(problem.fixes ?? []), ...obvious(problem, examined), ...rewrites(problem, examined.parsed, path, start)];
    const sound = found.filter((fix) => mends(fix, problem, problems, examined, again));
    return [...sound, ...remedies(examined, problem, again)].map((fix) => ({ fix, problem: { ...problem, fixes: sound } }));
  });
}

/** Behind a fix there is one problem of its kind less, and no more of any other. What is only told for information does not count. */
export function mends(fix: Fix, problem: Problem, before: readonly Problem[], { parsed }: Examined, again: Examine): boolean {
  const after = diagnose(again(applyEdits(parsed.source, fix.edits)));
  const count = (problems: readonly Problem[], code: string) =>
    problems.filter((each) => each.code === code && each.severity !== 'information').length;
  return count(after, problem.code) < count(before, problem.code) && after.every(({ code }) => count(after, code) <= count(before, code));
}

function obvious(problem: Problem, { parsed, data }: Examined): Fix[] {
  const { source } = parsed;
  const start = offsetAt(source.lines, problem.range.start);
  const end = offsetAt(source.lines, problem.range.end);
  const written = source.lines.text.slice(start, end);
  const found = pathAt(source.root, start);
  const path = found?.path ?? [];
  const change = (text: string): Fix[] => [{ title: `Change to ${text}`, edits: [replace(source, start, end, text)] }];
  const remove = (what: string, edit: Edit): Fix[] => [{ title: `Remove ${what}`, edits: [edit] }];
  switch (problem.code) {
    case 'syntax':
      return syntaxFixes(problem, source, start);
    case 'duplicateKey':
    case 'labels':
      return found?.at === 'key' ? removeKey(source, path, start, written) : [];
    case 'alias':
    case 'tag':
      return /^[&!]/.test(source.lines.text.slice(start)) || problem.code === 'tag' ? removeProperty(source, start, end) : [];
    case 'missingValue':
      return defaults(path).map((value) => ({ title: `Write ${value}`, edits: [replace(source, end + 1, end + 1, ` ${value}`)] }));
    case 'duplicateValue':
      return remove(written, removeItem(source, start, end));
    case 'fewSamples':
      return largerShare(data).flatMap(change);
    case 'outputs':
      return ending(parsed, source, path);
    default:
      return meant(problem.code, written, path).flatMap(change);
  }
}

function removeKey(source: Source, path: Path, start: number, key: string): Fix[] {
  const map = nodeAt(source, path.slice(0, -1));
  const pair = isMap(map) ? map.pairs.find((each) => each.key.start === start) : undefined;
  const edit = isMap(map) && pair ? removePair(source, map, pair) : undefined;
  return edit ? [{ title: `Remove ${key}`, edits: [edit] }] : [];
}

/** An anchor or a tag before its value. */
function removeProperty(source: Source, start: number, end: number): Fix[] {
  const head = source.lines.text.slice(0, start);
  const from = /![\w:!/.,-]*\s+$/.exec(head);
  const at = /^[&!]\S*\s*/.exec(source.lines.text.slice(start, end + 1));
  if (from) return [{ title: `Remove ${from[0].trim()}`, edits: [replace(source, start - from[0].length, start, '')] }];
  return at ? [{ title: `Remove ${at[0].trim()}`, edits: [replace(source, start, start + at[0].length, '')] }] : [];
}

/** The least whole percentage that takes a sample of the smallest class. */
function largerShare(data: Examined['data']): string[] {
  const least = Math.min(...(data?.probe?.trainCounts ?? [0]));
  return least >= 2 ? [`${Math.ceil(100 / least)} %`] : [];
}

/** The number of outputs is that of the classes. */
function ending({ draft, source: { value } }: Examined['parsed'], source: Source, path: Path): Fix[] {
  const count = draft.data?.classes?.length;
  const entries = (value as { network?: unknown[] } | null)?.network;
  if (count === undefined || !entries) return [];
  const last = nodeAt(source, ['network', entries.length - 1]);
  const units = nodeAt(source, [...path.slice(0, 2), 'dense']);
  const span = units && (isMap(units) ? nodeAt(source, [...path.slice(0, 2), 'dense', 'units']) : units);
  if (span) return [{ title: `Change to dense: ${count}`, edits: [replace(source, span.start, span.end, String(count))] }];
  const list = nodeAt(source, ['network']);
  const before = isList(list) && last ? insertEntry(source, ['network'], entries.length - 1, `dense: ${count}`) : undefined;
  if (!before || !last || (isList(list) && list.flow)) return [];
  const at = last.end;
  const indent = ' '.repeat(before.range.start.character);
  return [{ title: `End with dense: ${count}`, edits: [replace(source, at, at, `\n${indent}- dense: ${count}`)] }];
}
