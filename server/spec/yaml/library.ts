import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node as LibraryNode,
  type Pair as LibraryPair,
  type YAMLError,
} from 'yaml';
import { blockList, blockMap, type Node, type Pair } from '../node.ts';
import { nothing } from './flow.ts';
import { tokensOf } from './tokens.ts';

/** What the YAML library made of a text. */
export type Read = {
  readonly root: Node | null;
  readonly errors: readonly YAMLError[];
  /** Where a second document begins. */
  readonly second?: number;
};

/** Reads any YAML, at the pace of a library that knows all of it. The offset at which it is too deep, where it is. `outside` is how deep the text lies in another. */
export function readLibrary(text: string, outside = 0): Read | number {
  const tokens = tokensOf(text, outside);
  if (typeof tokens === 'number') return tokens;
  const [document, second] = compose(tokens);
  if (!document) return { root: null, errors: [] };
  const errors = [...document.errors, ...document.warnings];
  return { root: convert(document.contents), errors, ...(second ? { second: second.range[0] } : {}) };
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

function convert(node: LibraryNode | null): Node | null {
  if (!node) return null;
  const [start, end] = node.range ?? [0, 0];
  if (isAlias(node)) return { kind: 'alias', start, end, name: node.source };
  const properties = {
    ...('anchor' in node && node.anchor ? { anchor: node.anchor } : {}),
    ...(node.tag && !node.tag.startsWith('tag:yaml.org,2002:') ? { tag: node.tag } : {}),
  };
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(item as LibraryNode) ?? nothing(start));
    return node.flow ? { kind: 'list', start, end, flow: true, items, ...properties } : { ...blockList(start, items), ...properties };
  }
  if (isMap(node)) {
    const pairs = node.items.map((pair) => convertPair(pair as LibraryPair<LibraryNode, LibraryNode | null>, start));
    return node.flow ? { kind: 'map', start, end, flow: true, pairs, ...properties } : { ...blockMap(start, pairs), ...properties };
  }
  return { kind: 'scalar', start, end, value: isScalar(node) ? (node.value as string) : null, ...properties };
}

const convertPair = ({ key, value }: LibraryPair<LibraryNode, LibraryNode | null>, start: number): Pair => ({
  key: convert(key) ?? nothing(start),
  value: convert(value ?? null),
});
