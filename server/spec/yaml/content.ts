import type { Lines } from '../lines.ts';
import { skipSpaces } from './flow.ts';

/** Lines with more on them than a comment: where their first character is, in which column, and where they end. */
export type Content = { readonly at: number[]; readonly column: number[]; readonly end: number[] };

/** Undefined where a text is more than such lines: where it has tabs, marks of documents, or line breaks of its own kind. */
export function contentLines({ starts, text }: Lines): Content | undefined {
  if (text.includes('\t')) return undefined;
  const content: Content = { at: [], column: [], end: [] };
  for (let line = 0; line < starts.length; line++) {
    const start = starts[line];
    let end = line + 1 < starts.length ? starts[line + 1] - 1 : text.length;
    if (end < text.length && text.charCodeAt(end) !== LINE_FEED) return undefined;
    if (end > start && text.charCodeAt(end - 1) === RETURN) end--;
    const at = skipSpaces(text, start, end);
    const code = text.charCodeAt(at);
    if (at === end || code === HASH) continue;
    if (code === BYTE_ORDER || (at === start && startsDocument(text, at))) return undefined;
    content.at.push(at);
    content.column.push(at - start);
    content.end.push(end);
  }
  return content;
}

/** `---`, `...` and `%` begin documents, end them, and say how they are to be read. */
const startsDocument = (text: string, at: number): boolean =>
  text.charCodeAt(at) === PERCENT || text.startsWith('---', at) || text.startsWith('...', at);

/** Does an item of a list begin here? */
export const isDashAt = (text: string, at: number, end: number): boolean =>
  text.charCodeAt(at) === DASH && (at + 1 === end || text.charCodeAt(at + 1) === SPACE);

const [LINE_FEED, RETURN, HASH, PERCENT, DASH, SPACE, BYTE_ORDER] = [...'\n\r#%- \ufeff'].map((each) => each.charCodeAt(0));
