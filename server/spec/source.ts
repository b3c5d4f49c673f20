import type { YAMLError } from 'yaml';
import { renamed } from './deprecated.ts';
import { type Lines, linesOf, positionAt } from './lines.ts';
import { everyNode, moved, type Node } from './node.ts';
import { type PlacedFault, STRAY_WORD, syntaxFault, UNCLOSED_QUOTE, unclosedBracket } from './syntax.ts';
import { pathAt } from './tree.ts';
import { plainValueOf } from './value.ts';
import { readBlocks } from './yaml/blocks.ts';
import { type Read, readLibrary } from './yaml/library.ts';
import { DEEPEST, LONGEST_TEXT, tooLarge } from './yaml/tokens.ts';

/** A spec's text as YAML: its tree for places, its plain value for meaning. */
export type Source = {
  readonly lines: Lines;
  readonly root: Node | null;
  /** What could be read; a key without a value is null. Absent where the text was refused. */
  readonly value: unknown;
  readonly faults: readonly PlacedFault[];
  /** Keys that are written by a former name; tree and value have the present one. */
  readonly deprecated: readonly PlacedFault[];
};

/** Reads a text as a whole: by `readFast`, unless a test compares it. */
export type ReadText = (lines: Lines) => Located | number;

/** Reads YAML within bounds. Whatever the text, there is an answer. */
export function readSource(text: string, readText: ReadText = readFast): Source {
  const lines = linesOf(text.slice(0, LONGEST_TEXT));
  const refused = tooLarge(text);
  if (refused) return { lines, root: null, value: undefined, faults: [refused], deprecated: [] };
  const read = understand(lines, readText);
  const stray = read.faults.find(({ code }) => code === 'syntax');
  if (stray?.message !== STRAY_WORD) return read;
  // A key without its colon swallows the lines behind it: they are read with the word taken for a comment, which moves nothing.
  const healed = understand({ starts: lines.starts, text: `${text.slice(0, stray.start)}#${text.slice(stray.start + 1)}` }, readText);
  return { ...healed, lines, faults: firstFaults([stray, ...healed.faults], healed.root, lines) };
}

function understand(lines: Lines, readText: ReadText): Source {
  const { text } = lines;
  const read = readText(lines);
  if (typeof read === 'number') {
    const message = `values are nested more than ${DEEPEST} deep`;
    return { lines, root: null, value: undefined, faults: [{ code: 'tooDeep', start: read, end: read + 1, message }], deprecated: [] };
  }
  const deprecated: PlacedFault[] = [];
  const root = renamed(read.root, deprecated);
  const faults: PlacedFault[] = [];
  const { second } = read;
  if (second !== undefined) {
    const message = 'the file holds a second document; a spec is one, without a line of ---';
    faults.push({ code: 'documents', start: second, end: Math.min(second + 3, text.length), message });
  }
  for (const { error, by } of read.errors) faults.push(syntaxFault(error, by, text));
  const value = plainValueOf(root, faults, lines);
  return { lines, root, value, faults: firstFaults(faults, root, lines), deprecated };
}

/** As `Read`, each error with how far its place is off. */
export type Located = Omit<Read, 'errors'> & { readonly errors: readonly { readonly error: YAMLError; readonly by: number }[] };

export function readWhole({ text }: Lines): Located | number {
  const read = readLibrary(text);
  return typeof read === 'number' ? read : { ...read, errors: read.errors.map((error) => ({ error, by: 0 })) };
}

/** Of more than this the library reads the whole text sooner. */
const MOST_PIECES = 200;

/** What the library gives for the whole text. It is asked for those entries only that are more than plain blocks; where one does not stand alone, for all. */
export function readFast(lines: Lines): Located | number {
  const { text } = lines;
  let pieces: { start: number; end: number; errors: Located['errors'] }[] = [];
  let [left, lengthLeft] = [MOST_PIECES, 2 * text.length];
  const root = readBlocks(lines, (start, end, column, depth) => {
    left--;
    lengthLeft -= end - start;
    if (left < 0 || lengthLeft < 0) return undefined;
    const read = readLibrary(' '.repeat(column) + text.slice(start, end), depth + 1);
    if (typeof read === 'number' || read.second !== undefined || !read.root) return undefined;
    // What was read of it in smaller pieces did not hold.
    pieces = pieces.filter((piece) => piece.start < start || piece.end > end);
    const by = start - column;
    pieces.push({ start, end, errors: read.errors.map((error) => ({ error, by })) });
    return moved(read.root, by);
  });
  return root === undefined ? readWhole(lines) : { root, errors: pieces.flatMap(({ errors }) => errors) };
}

/** A quote or a bracket that is not closed is noticed where the text goes on; it is told where it opens. */
function atOpening(fault: PlacedFault, root: Node | null, { text }: Lines): PlacedFault {
  const opened = fault.message === UNCLOSED_QUOTE ? pathAt(root, fault.start)?.place.start : openBracket(fault, root, text);
  return opened === undefined ? fault : { ...fault, start: opened, end: opened + 1 };
}

function openBracket({ message, start }: PlacedFault, root: Node | null, text: string): number | undefined {
  const bracket = (['[', '{'] as const).find((each) => message === unclosedBracket(each));
  if (bracket === undefined) return undefined;
  const open = [...everyNode(root)].filter(
    (node) =>
      node.start < start &&
      text[node.start] === bracket &&
      (node.kind === 'list' || node.kind === 'map') &&
      node.flow &&
      text[node.end - 1] !== CLOSING[bracket],
  );
  return open.at(-1)?.start;
}

const CLOSING = { '[': ']', '{': '}' };

/** One mistake makes YAML stumble several times: of its errors the first is told, and one fault of any other kind per line. */
function firstFaults(faults: readonly PlacedFault[], root: Node | null, lines: Lines): PlacedFault[] {
  if (faults.length === 0) return [];
  const sorted = [...faults].sort((a, b) => a.start - b.start);
  const syntax = sorted.find(({ code }) => code === 'syntax');
  const told = new Map<number, PlacedFault>();
  for (const fault of sorted) {
    const { line } = positionAt(lines, fault.start);
    if (fault === syntax || (!told.has(line) && fault.code !== 'syntax')) told.set(line, fault);
  }
  return [...told.values()].map((fault) => (fault === syntax ? atOpening(fault, root, lines) : fault)).sort((a, b) => a.start - b.start);
}
