import { lineEnd, lineText, positionAt } from '../lines.ts';
import type { Fix, Problem } from '../problem.ts';
import type { Source } from '../source.ts';
import { nodeAt, pathAt } from '../tree.ts';
import { replace } from './edits.ts';

/** What may be missing where YAML stumbles: a character, put where it most likely belongs. Whether it helps is tried by who offers it. */
export function syntaxFixes({ message, range }: Problem, source: Source, start: number): Fix[] {
  const { lines } = source;
  const put = (what: string, at: number, text: string): Fix => ({ title: `Put ${what}`, edits: [replace(source, at, at, text)] });
  const behind = source.lines.text.slice(start, lineEnd(lines, range.start.line));
  const word = /^[^\s,:[\]{}]+/.exec(behind)?.[0] ?? '';
  const after = start + word.length;
  const [, bracket] = /a "([[{])" is not closed/.exec(message) ?? [];
  if (bracket) {
    const closing = bracket === '[' ? ']' : '}';
    const at = contentEnd(source, start);
    return at === undefined ? [] : [put(`${closing} behind line ${positionAt(lines, at).line + 1}`, at, closing)];
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

/** Where what stands in a bracket ends, as far as it was read. */
function contentEnd(source: Source, bracket: number): number | undefined {
  const found = pathAt(source.root, bracket);
  const node = found && nodeAt(source, found.path);
  if (node?.start !== bracket) return undefined;
  if (node.kind === 'list') return node.items.at(-1)?.end ?? bracket + 1;
  if (node.kind !== 'map') return undefined;
  const last = node.pairs.at(-1);
  return last ? (last.value?.end ?? last.key.end) : bracket + 1;
}

/** Where a line ends, its comment and the spaces before that left out. */
function codeEnd({ lines }: Source, line: number): number {
  const text = lineText(lines, line);
  return lines.starts[line] + (/\s#/.exec(text) ? text.slice(0, /\s#/.exec(text)!.index) : text).trimEnd().length;
}
