import { lineEnd, lineText } from '../lines.ts';
import type { Fix, Problem } from '../problem.ts';
import type { Source } from '../source.ts';
import { replace } from './edits.ts';

/** What may be missing where YAML stumbles: a character, put where it most likely belongs. Whether it helps is tried by who offers it. */
export function syntaxFixes({ message, range }: Problem, source: Source, start: number): Fix[] {
  const { lines } = source;
  const put = (what: string, at: number, text: string): Fix => ({ title: `Put ${what}`, edits: [replace(source, at, at, text)] });
  const behind = source.lines.text.slice(start, lineEnd(lines, range.start.line));
  const word = /^[^\s,:[\]{}]+/.exec(behind)?.[0] ?? '';
  const after = start + word.length;
  const [, bracket] = /a "([[{])" before this is not closed/.exec(message) ?? [];
  if (bracket) {
    const closing = bracket === '[' ? ']' : '}';
    const line = lastWritten(source, range.start.line - 1);
    return line === undefined ? [] : [put(`${closing} behind line ${line + 1}`, codeEnd(source, line), closing)];
  }
  if (/quote is not closed/.test(message)) {
    const quote = source.lines.text[start];
    return /["']/.test(quote) ? [put(`${quote} at the end`, codeEnd(source, range.start.line), quote)] : [];
  }
  if (/a comment needs a space/.test(message)) return [put('a space before #', start, ' ')];
  if (/"," is missing|"," or a closing bracket missing/.test(message) && word !== '') return [put(`a comma behind ${word}`, after, ',')];
  if (/":"/.test(message) && word !== '') return [put(`a colon behind ${word}`, after, behind.length > word.length ? ':' : ': ')];
  if (/put it in quotes/.test(message)) {
    const value = source.lines.text.slice(start, codeEnd(source, range.start.line));
    const written = `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
    return [{ title: `Change to ${written}`, edits: [replace(source, start, start + value.length, written)] }];
  }
  return [];
}

/** The last line at or above one with more on it than a comment. */
function lastWritten({ lines }: Source, line: number): number | undefined {
  for (let each = line; each >= 0; each--) if (/^\s*[^\s#]/.test(lineText(lines, each))) return each;
  return undefined;
}

/** Where a line ends, its comment and the spaces before that left out. */
function codeEnd({ lines }: Source, line: number): number {
  const text = lineText(lines, line);
  return lines.starts[line] + (/\s#/.exec(text) ? text.slice(0, /\s#/.exec(text)!.index) : text).trimEnd().length;
}
