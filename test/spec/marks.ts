import { linesOf, positionAt, rangeBetween } from '../../server/spec/lines.ts';
import type { Position, Range } from '../../server/spec/problem.ts';

/** A text with ⟦a stretch⟧ marked, as text and range. */
export function marked(text: string): { text: string; range?: Range } {
  const start = text.indexOf('⟦');
  const end = text.indexOf('⟧');
  const plain = text.replace('⟦', '').replace('⟧', '');
  return start < 0 ? { text } : { text: plain, range: rangeBetween(linesOf(plain), start, end - 1) };
}

/** A text with the caret at a bar, as text and position. */
export function caret(text: string): { text: string; position: Position } {
  const offset = text.indexOf('|');
  if (offset < 0) throw new Error('no bar in the text');
  const plain = text.slice(0, offset) + text.slice(offset + 1);
  return { text: plain, position: positionAt(linesOf(plain), offset) };
}
