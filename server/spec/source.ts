import { Composer, CST, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Parser, type YAMLError } from 'yaml';
import { type Lines, linesOf, positionAt, rangeBetween } from './lines.ts';
import type { Path, Range } from './problem.ts';
import { type PlacedFault, syntaxFault } from './syntax.ts';

/** A spec's text as YAML: its tree for places, its plain value for meaning. */
export type Source = {
  readonly lines: Lines;
  readonly root: Node | null;
  /** What could be read; a key without a value is null. Absent where the text was refused. */
  readonly value: unknown;
  readonly faults: readonly PlacedFault[];
};

export const LONGEST_TEXT = 1 << 20;
const DEEPEST = 32;

/** Reads YAML within bounds. Whatever the text, there is an answer. */
export function readSource(text: string): Source {
  const refused = (fault: PlacedFault): Source => ({ lines, root: null, value: undefined, faults: [fault] });
  const lines = linesOf(text.slice(0, LONGEST_TEXT));
  if (text.length > LONGEST_TEXT)
    return refused({
      code: 'tooLarge',
      start: 0,
      end: 1,
      message: `the file is larger than ${LONGEST_TEXT >> 20} MB; a spec is a few lines`,
    });
  const tokens = [...new Parser().parse(text)];
  const deep = tooDeepAt(tokens);
  if (deep !== undefined)
    return refused({ code: 'tooDeep', start: deep, end: deep + 1, message: `values are nested more than ${DEEPEST} deep` });
  const faults: PlacedFault[] = [];
  const [document, second] = compose(tokens);
  if (!document) return { lines, root: null, value: null, faults };
  if (second) {
    const message = 'the file holds a second document; a spec is one, without a line of ---';
    faults.push({ code: 'documents', start: second.range[0], end: Math.min(second.range[0] + 3, text.length), message });
  }
  for (const error of [...document.errors, ...document.warnings]) faults.push(syntaxFault(error as YAMLError, text));
  const value = plainValue(document.contents, faults);
  return { lines, root: document.contents, value, faults: firstFaults(faults, lines) };
}

/** The range of the value at a path, or of its key; where there is none, of the nearest value around it. */
export function rangeIn(source: Source, path: Path, at: 'key' | 'value' = 'value'): Range {
  const { start, end } = placeOf(source, path, at);
  return rangeBetween(source.lines, start, end);
}

/** As `rangeIn`, in offsets. */
export function placeOf(source: Source, path: Path, at: 'key' | 'value'): { start: number; end: number } {
  let node: Node | null = source.root;
  let place = wholeOrStart(source);
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((each) => keyText(each) === String(step));
      if (!pair) return place;
      const key = spanOf(pair.key as Node);
      node = (pair.value ?? null) as Node | null;
      const value = spanOf(node);
      place = (last && at === 'value' && value && value.end > value.start ? firstLine(value, source) : key) ?? place;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step]) {
      node = node.items[step] as Node;
      place = firstLine(spanOf(node) ?? place, source);
    } else return place;
  }
  return place;
}

/** A value of several lines is marked on its first. */
function firstLine(place: { start: number; end: number }, source: Source): { start: number; end: number } {
  const [line] = source.lines.text.slice(place.start, place.end).split(/[\r\n]/, 1);
  return { start: place.start, end: place.start + line.trimEnd().length };
}

/** The top-level key under which an offset lies. */
export function sectionAt(source: Source, offset: number): string | undefined {
  if (!isMap(source.root)) return undefined;
  const pair = source.root.items.findLast((each) => (spanOf(each.key as Node)?.start ?? 0) <= offset);
  return pair && keyText(pair);
}

export const keyText = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : '');

export const spanOf = (node: Node | null): { start: number; end: number } | undefined =>
  node?.range ? { start: node.range[0], end: node.range[1] } : undefined;

/** For what has no better place: the first line with anything on it. */
function wholeOrStart(source: Source): { start: number; end: number } {
  const line = /^[^\S\r\n]*(\S[^\r\n]*)/m.exec(source.lines.text);
  const start = line ? line.index + line[0].length - line[1].length : 0;
  return { start, end: start + (line ? line[1].trimEnd().length : 0) };
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

/** The offset of the first value that lies too deep to be read by recursion. */
function tooDeepAt(tokens: readonly CST.Token[]): number | undefined {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return 'offset' in token ? token.offset : 0;
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth });
    if (!CST.isCollection(token)) continue;
    for (const item of token.items) {
      if (item.key) stack.push({ token: item.key, depth: depth + 1 });
      if (item.value) stack.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}

/** The plain value of a tree; what the language leaves out of YAML is a fault. */
function plainValue(node: Node | null, faults: PlacedFault[]): unknown {
  if (!node) return null;
  const place = spanOf(node) ?? { start: 0, end: 0 };
  if (isAlias(node)) {
    faults.push({ code: 'alias', ...place, message: `*${node.source}: aliases are not part of the language; write the value out` });
    return undefined;
  }
  if ('anchor' in node && node.anchor)
    faults.push({ code: 'alias', ...place, message: `&${node.anchor}: anchors are not part of the language; leave it out` });
  if (node.tag && !node.tag.startsWith('tag:yaml.org,2002:'))
    faults.push({ code: 'tag', ...place, message: `${node.tag}: tags are not part of the language; leave it out` });
  if (isSeq(node)) return node.items.map((item) => plainValue(item as Node, faults));
  if (isMap(node)) return plainMap(node.items, faults);
  return isScalar(node) ? node.value : null;
}

function plainMap(pairs: readonly Pair[], faults: PlacedFault[]): unknown {
  const entries = new Map<string, unknown>();
  for (const pair of pairs) {
    const key = keyText(pair);
    const place = spanOf(pair.key as Node) ?? { start: 0, end: 0 };
    if (!isScalar(pair.key)) plainValue(pair.key as Node, faults);
    if (key === '<<')
      faults.push({ code: 'alias', ...place, message: '<<: merge keys are not part of the language; write the values out' });
    else if (entries.has(key)) faults.push({ code: 'duplicateKey', ...place, message: `${key} is given twice` });
    else entries.set(key, plainValue(pair.value as Node | null, faults));
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
