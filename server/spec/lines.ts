import type { Position, Range } from './problem.ts';

/** Where the lines of a text begin. A line ends with `\n`, `\r\n` or `\r`, as in the Language Server Protocol. */
export type Lines = { readonly starts: readonly number[]; readonly text: string };

export function linesOf(text: string): Lines {
  const starts = [0];
  if (text.includes('\r')) {
    for (let offset = 0; offset < text.length; offset++) {
      const code = text.charCodeAt(offset);
      if (code === 10 || (code === 13 && text.charCodeAt(offset + 1) !== 10)) starts.push(offset + 1);
    }
  } else for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) starts.push(feed + 1);
  return { starts, text };
}

export function positionAt(lines: Lines, offset: number): Position {
  const clamped = Math.min(Math.max(offset, 0), lines.text.length);
  let low = 0;
  let high = lines.starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lines.starts[middle] <= clamped) low = middle;
    else high = middle;
  }
  return { line: low, character: Math.min(clamped, lineEnd(lines, low)) - lines.starts[low] };
}

export function offsetAt(lines: Lines, position: Position): number {
  const line = Math.min(Math.max(position.line, 0), lines.starts.length - 1);
  return Math.min(lines.starts[line] + Math.max(position.character, 0), lineEnd(lines, line));
}

export const rangeBetween = (lines: Lines, start: number, end: number): Range => ({
  start: positionAt(lines, start),
  end: positionAt(lines, Math.max(start, end)),
});

export const lineText = (lines: Lines, line: number): string => lines.text.slice(lines.starts[line], lineEnd(lines, line));

/** The offset behind the last character of a line, its line break left out. */
export function lineEnd(lines: Lines, line: number): number {
  let end = lines.starts[line + 1] ?? lines.text.length;
  if (line + 1 === lines.starts.length) return end;
  while (end > lines.starts[line] && (lines.text[end - 1] === '\n' || lines.text[end - 1] === '\r')) end--;
  return end;
}
