import { Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLError } from 'yaml';
import { type Lines, linesOf, positionAt } from './lines.ts';
import { type PlacedFault, syntaxFault, UNCLOSED_QUOTE } from './syntax.ts';
import { LONGEST_TEXT, tokensOf } from './tokens.ts';
import { keyText, type Place, pathAt, spanOf } from './tree.ts';

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
  const value = plainValue(document.contents, faults, lines);
  return { lines, root: document.contents, value, faults: firstFaults(faults, lines) };
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

/** The plain value of a tree; what the language leaves out of YAML is a fault. */
function plainValue(node: Node | null, faults: PlacedFault[], lines: Lines): unknown {
  if (!node) return null;
  const place = spanOf(node) ?? { start: 0, end: 0 };
  if (isAlias(node)) {
    faults.push({ code: 'alias', ...place, message: `*${node.source}: aliases are not part of the language; write the value out` });
    return undefined;
  }
  if ('anchor' in node && node.anchor)
    faults.push({
      code: 'alias',
      ...anchorPlace(node.anchor, place, lines),
      message: `&${node.anchor}: anchors are not part of the language; leave it out`,
    });
  if (node.tag && !node.tag.startsWith('tag:yaml.org,2002:'))
    faults.push({ code: 'tag', ...place, message: `${node.tag}: tags are not part of the language; leave it out` });
  if (isSeq(node)) return node.items.map((item) => plainValue(item as Node, faults, lines));
  if (isMap(node)) return plainMap(node.items, faults, lines);
  return isScalar(node) ? node.value : null;
}

/** The anchor stands before its value. */
function anchorPlace(anchor: string, value: Place, { text }: Lines): Place {
  const start = text.lastIndexOf(`&${anchor}`, value.start);
  return start < 0 ? value : { start, end: start + anchor.length + 1 };
}

function plainMap(pairs: readonly Pair[], faults: PlacedFault[], lines: Lines): unknown {
  const entries = new Map<string, unknown>();
  for (const pair of pairs) {
    const key = keyText(pair);
    const place = spanOf(pair.key as Node) ?? { start: 0, end: 0 };
    if (!isScalar(pair.key)) plainValue(pair.key as Node, faults, lines);
    if (key === '<<')
      faults.push({ code: 'alias', ...place, message: '<<: merge keys are not part of the language; write the values out' });
    else if (entries.has(key)) faults.push({ code: 'duplicateKey', ...place, message: `${key} is given twice` });
    else entries.set(key, plainValue(pair.value as Node | null, faults, lines));
  }
  return Object.fromEntries(entries);
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
