import { isMap, isSeq, type Node, type YAMLMap } from 'yaml';
import { lineEnd, offsetAt, rangeBetween } from '../lines.ts';
import type { Edit, Path } from '../problem.ts';
import type { Source } from '../source.ts';
import { keyText, spanOf } from '../tree.ts';

/** The text after edits that do not overlap. */
export function applyEdits(source: Pick<Source, 'lines'>, edits: readonly Edit[]): string {
  const { lines } = source;
  const placed = edits.map(({ range, text }) => ({ start: offsetAt(lines, range.start), end: offsetAt(lines, range.end), text }));
  let { text } = lines;
  for (const { start, end, text: inserted } of placed.sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + inserted + text.slice(end);
  return text;
}

export const replace = (source: Source, start: number, end: number, text: string): Edit => ({
  range: rangeBetween(source.lines, start, end),
  text,
});

/** The node at a path. */
export function nodeAt(source: Source, path: Path): Node | undefined {
  let node: Node | null | undefined = source.root;
  for (const step of path) {
    if (isMap(node)) node = node.items.find((pair) => keyText(pair) === String(step))?.value as Node | null | undefined;
    else if (isSeq(node) && typeof step === 'number') node = node.items[step] as Node | undefined;
    else return undefined;
  }
  return node ?? undefined;
}

/** Gives a key of the mapping at a path another value, or adds it with its value. */
export function setKey(source: Source, path: Path, key: string, value: string): Edit | undefined {
  const map = nodeAt(source, path);
  if (!isMap(map) || map.items.length === 0) return undefined;
  const own = map.items.find((pair) => keyText(pair) === key);
  const span = own && spanOf(own.value as Node | null);
  if (own) return span && replace(source, span.start, span.end, value);
  const last = map.items[map.items.length - 1];
  const end = endOf(last.value as Node | null) ?? endOf(last.key as Node | null);
  if (end === undefined) return undefined;
  return replace(source, end, end, map.flow ? `, ${key}: ${value}` : `${eol(source)}${indentOf(source, map)}${key}: ${value}`);
}

/** Puts an entry before another one of a list. */
export function insertEntry(source: Source, path: Path, index: number, entry: string): Edit | undefined {
  const list = nodeAt(source, path);
  if (!isSeq(list)) return undefined;
  const span = spanOf(list.items[index] as Node | null);
  if (!span) return undefined;
  if (list.flow) return replace(source, span.start, span.start, `{ ${entry} }, `);
  const dash = source.lines.text.lastIndexOf('-', span.start - 1);
  if (dash < 0 || source.lines.text.slice(dash + 1, span.start).trim() !== '') return undefined;
  const { line, column } = columnOf(source, dash);
  const head = source.lines.text.slice(source.lines.starts[line], dash);
  return head.trim() === '' ? replace(source, dash, dash, `- ${entry}${eol(source)}${' '.repeat(column)}`) : undefined;
}

/** Takes an item out of a flow list or a line out of the text. */
export function removeItem(source: Source, start: number, end: number): Edit {
  const { text } = source.lines;
  const before = /,\s*$/.exec(text.slice(0, start));
  if (before) return replace(source, start - before[0].length, end, '');
  const after = /^\s*,\s*/.exec(text.slice(end));
  return replace(source, start, after ? end + after[0].length : end, '');
}

export function removeLine(source: Source, offset: number): Edit {
  const { line } = columnOf(source, offset);
  const { starts } = source.lines;
  return replace(source, starts[line], starts[line + 1] ?? lineEnd(source.lines, line), '');
}

function columnOf(source: Source, offset: number): { line: number; column: number } {
  const { start } = rangeBetween(source.lines, offset, offset);
  return { line: start.line, column: start.character };
}

const endOf = (node: Node | null): number | undefined => node?.range?.[1];

const indentOf = (source: Source, map: YAMLMap): string =>
  ' '.repeat(columnOf(source, spanOf(map.items[0].key as Node)?.start ?? 0).column);

const eol = (source: Source): string => /\r\n|\n|\r/.exec(source.lines.text)?.[0] ?? '\n';
