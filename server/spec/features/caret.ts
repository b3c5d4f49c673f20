import { lineEnd, linesOf, offsetAt, rangeBetween } from '../lines.ts';
import { isList, isMap, isScalar, keyText, type Node } from '../node.ts';
import type { Path, Position, Range } from '../problem.ts';
import { readSource } from '../source.ts';

/** Where in the spec a caret stands, however little is typed there. */
export type Caret = {
  /** Of the mapping whose key is typed, or of the value that is typed. */
  readonly path: Path;
  readonly role: 'key' | 'value';
  /** Keys that the mapping has already, the typed one left out. */
  readonly siblings: readonly string[];
  /** The word at the caret: what a completion replaces. */
  readonly word: Range;
  /** A colon, or a value, stands behind the word already. */
  readonly complete: boolean;
  /** Inside `{ }` or `[ ]`. */
  readonly flow: boolean;
  /** Spaces before the line's first character, the dash of a list counted as space. */
  readonly indent: number;
};

/** A character of the private use area that no spec contains marks the caret in the text that is parsed. */
const MARK = '\uE0FF';

/** Finds the caret by parsing the text with a mark in place of the word at the caret. Undefined inside comments and where no YAML can be read. */
export function caretAt(text: string, position: Position): Caret | undefined {
  const lines = linesOf(text);
  const offset = offsetAt(lines, position);
  const lineStart = lines.starts[Math.min(Math.max(position.line, 0), lines.starts.length - 1)];
  const before = text.slice(lineStart, offset);
  if (/(^|\s)#/.test(before)) return undefined;
  const start = offset - /[\w.%/-]*$/.exec(before)![0].length;
  const end = offset + /^[\w.%/-]*/.exec(text.slice(offset, lineEnd(lines, position.line)))![0].length;
  const head = text.slice(lineStart, start);
  const tail = text.slice(end, lineEnd(lines, position.line));
  const hasColon = /^\s*:/.test(tail);
  const flow = isInFlow(text, start);
  const startsKey = /^\s*$/.test(head) && !flow;
  const marked = text.slice(0, start) + MARK + (startsKey && !hasColon ? ':' : '') + text.slice(end);
  const found = findMark(readSource(marked).root, []);
  if (!found) return undefined;
  const indent = head.replace(/^(\s*(?:- +)*).*$/, '$1').length;
  return { ...found, word: rangeBetween(lines, start, end), complete: hasColon, flow, indent };
}

function findMark(node: Node | null, path: Path): Pick<Caret, 'path' | 'role' | 'siblings'> | undefined {
  if (isScalar(node)) return isMarked(node) ? { path, role: 'value', siblings: [] } : undefined;
  if (isList(node)) return first(node.items, (item, index) => findMark(item, [...path, index]));
  if (!isMap(node)) return undefined;
  return first(node.pairs, (pair) => {
    if (isMarked(pair.key)) return { path, role: 'key', siblings: node.pairs.filter((each) => each !== pair).map(keyText) };
    return findMark(pair.value, [...path, keyText(pair)]);
  });
}

const isMarked = (node: Node): boolean => isScalar(node) && typeof node.value === 'string' && node.value.includes(MARK);

function first<Item, Result>(items: readonly Item[], find: (item: Item, index: number) => Result | undefined): Result | undefined {
  for (const [index, item] of items.entries()) {
    const result = find(item, index);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Does an offset stand inside brackets? Strings and comments are stepped over; a top-level key ends what was left open before it. */
function isInFlow(text: string, offset: number): boolean {
  const tokens = /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?<=^|\s)#.*|^\w+:|[[\]{}]/gm;
  let depth = 0;
  for (const [token] of text.slice(0, offset).matchAll(tokens)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth = Math.max(0, depth - 1);
    else if (token.endsWith(':')) depth = 0;
  }
  return depth > 0;
}
