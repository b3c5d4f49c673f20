import { Composer, type CST, type Document, type Node, type YAMLError } from 'yaml';
import { type Lines, linesOf, positionAt } from './lines.ts';
import { type PlacedFault, STRAY_WORD, syntaxFault, UNCLOSED_QUOTE } from './syntax.ts';
import { LONGEST_TEXT, tokensOf } from './tokens.ts';
import { pathAt } from './tree.ts';
import { plainValue } from './value.ts';

/** A spec's text as YAML: its tree for places, its plain value for meaning. */
export type Source = {
  readonly lines: Lines;
  readonly root: Node | null;
  /** What could be read; a key without a value is null. Absent where the text was refused. */
  readonly value: unknown;
  readonly faults: readonly PlacedFault[];
};

/** Reads YAML within bounds. Whatever the text, there is an answer. */
export function readSource(text: string): Source {
  const lines = linesOf(text.slice(0, LONGEST_TEXT));
  const read = understand(text, lines);
  const stray = firstFaults(read.faults, lines).find(({ code }) => code === 'syntax');
  if (stray?.message !== STRAY_WORD) return { ...read, faults: firstFaults(read.faults, lines) };
  // A key without its colon swallows the lines behind it: they are read with the word taken for a comment, which moves nothing.
  const healed = understand(`${text.slice(0, stray.start)}#${text.slice(stray.start + 1)}`, lines);
  return { ...healed, lines, faults: firstFaults([stray, ...healed.faults], lines) };
}

function understand(text: string, lines: Lines): Source {
  const tokens = tokensOf(text);
  if (!Array.isArray(tokens)) return { lines, root: null, value: undefined, faults: [tokens] };
  const faults: PlacedFault[] = [];
  const [document, second] = compose(tokens);
  if (!document) return { lines, root: null, value: null, faults };
  if (second) {
    const message = 'the file holds a second document; a spec is one, without a line of ---';
    faults.push({ code: 'documents', start: second.range[0], end: Math.min(second.range[0] + 3, text.length), message });
  }
  for (const error of [...document.errors, ...document.warnings])
    faults.push(atQuote(syntaxFault(error as YAMLError, text), document.contents));
  return { lines, root: document.contents, value: plainValue(document.contents, faults, lines), faults };
}

function compose(tokens: CST.Token[]): [Document.Parsed | undefined, Document.Parsed | undefined] {
  // Duplicate keys are looked for by `plainValue`, in linear time.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const found: Document.Parsed[] = [];
  for (const document of composer.compose(tokens)) {
    found.push(document as Document.Parsed);
    if (found.length === 2) break;
  }
  return [found[0], found[1]];
}

/** A quote that is not closed is noticed where the text ends; it is told where it opens. */
function atQuote(fault: PlacedFault, root: Node | null): PlacedFault {
  const opened = fault.message === UNCLOSED_QUOTE ? pathAt(root, fault.start)?.place.start : undefined;
  return opened === undefined ? fault : { ...fault, start: opened, end: opened + 1 };
}

/** One mistake makes YAML stumble several times: of its errors the first is told, and one fault of any other kind per line. */
function firstFaults(faults: readonly PlacedFault[], lines: Lines): PlacedFault[] {
  const sorted = [...faults].sort((a, b) => a.start - b.start);
  const syntax = sorted.find(({ code }) => code === 'syntax');
  const told = new Map<number, PlacedFault>();
  for (const fault of sorted) {
    const { line } = positionAt(lines, fault.start);
    if (!told.has(line) && (fault.code !== 'syntax' || fault === syntax)) told.set(line, fault);
  }
  return [...told.values()];
}
