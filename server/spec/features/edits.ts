import { lineEnd, offsetAt, rangeBetween } from '../lines.ts';
import { isList, isMap, type Mapping, type Pair, pairOf } from '../node.ts';
import type { Edit, Path } from '../problem.ts';
import type { Source } from '../source.ts';
import { nodeAt } from '../tree.ts';

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

/** Gives a key of the mapping at a path another value, or adds it with its value. */
export function setKey(source: Source, path: Path, key: string, value: string): Edit | undefined {
  const map = nodeAt(source, path);
  if (!isMap(map) || map.pairs.length === 0) return undefined;
  const own = pairOf(map, key);
  if (own) return own.value ? replace(source, own.value.start, own.value.end, value) : undefined;
  const last = map.pairs[map.pairs.length - 1];
  const end = last.value?.end ?? last.key.end;
  if (map.flow) return replace(source, end, end, `, ${key}: ${value}`);
  const at = lineEnd(source.lines, columnOf(source, end).line);
  return replace(source, at, at, `${endOfLine(source)}${indentOf(source, map)}${key}: ${value}`);
}

/** Puts an entry before another one of a list. */
export function insertEntry(source: Source, path: Path, index: number, entry: string): Edit | undefined {
  const list = nodeAt(source, path);
  const item = isList(list) ? list.items[index] : undefined;
  if (!isList(list) || !item) return undefined;
  if (list.flow) return replace(source, item.start, item.start, `{ ${entry} }, `);
  const dash = source.lines.text.lastIndexOf('-', item.start - 1);
  if (dash < 0 || source.lines.text.slice(dash + 1, item.start).trim() !== '') return undefined;
  const { line, column } = columnOf(source, dash);
  const head = source.lines.text.slice(source.lines.starts[line], dash);
  return head.trim() === '' ? replace(source, dash, dash, `- ${entry}${endOfLine(source)}${' '.repeat(column)}`) : undefined;
}

/** Takes an item out of brackets, with its comma. */
export function removeItem(source: Source, start: number, end: number): Edit {
  const { text } = source.lines;
  const before = /,\s*$/.exec(text.slice(0, start));
  if (before) return replace(source, start - before[0].length, end, '');
  const after = /^\s*,\s*/.exec(text.slice(end));
  return replace(source, start, after ? end + after[0].length : end, '');
}

/** Takes a key and its value out: of brackets, or with the lines that they stand on, where nothing else does. */
export function removePair(source: Source, map: Mapping, { key, value }: Pair): Edit | undefined {
  const { starts, text } = source.lines;
  const end = key.start + text.slice(key.start, value?.end ?? key.end).trimEnd().length;
  if (map.flow) return removeItem(source, key.start, end);
  const [first, last] = [columnOf(source, key.start).line, columnOf(source, end).line];
  if (text.slice(starts[first], key.start).trim() !== '') return undefined;
  return replace(source, starts[first], starts[last + 1] ?? lineEnd(source.lines, last), '');
}

function columnOf(source: Source, offset: number): { line: number; column: number } {
  const { start } = rangeBetween(source.lines, offset, offset);
  return { line: start.line, column: start.character };
}

export const indentOf = (source: Source, map: Mapping): string => ' '.repeat(columnOf(source, map.pairs[0].key.start).column);

export const endOfLine = (source: Source): string => /\r\n|\n|\r/.exec(source.lines.text)?.[0] ?? '\n';
