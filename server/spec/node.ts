/** A stretch of the text, in offsets. */
export type Place = { readonly start: number; readonly end: number };

/**
 * What is written, and where, whoever read it. A mapping or list that stands on lines of its own ends where the last of its values does; a value that
 * is left out is an empty place behind its key.
 */
export type Node = Scalar | List | Mapping | Alias;

export type Scalar = Place & Properties & { readonly kind: 'scalar'; readonly value: string | number | boolean | null };
export type List = Place & Properties & { readonly kind: 'list'; readonly flow: boolean; readonly items: readonly Node[] };
export type Mapping = Place & Properties & { readonly kind: 'map'; readonly flow: boolean; readonly pairs: readonly Pair[] };
export type Alias = Place & { readonly kind: 'alias'; readonly name: string };
/** Inside brackets a key may stand alone, without a colon. */
export type Pair = { readonly key: Node; readonly value: Node | null };

/** What YAML lets stand before a value; no spec may have it. */
type Properties = { readonly anchor?: string; readonly tag?: string };

export const isMap = (node: Node | null | undefined): node is Mapping => node?.kind === 'map';
export const isList = (node: Node | null | undefined): node is List => node?.kind === 'list';
export const isScalar = (node: Node | null | undefined): node is Scalar => node?.kind === 'scalar';

export const keyText = ({ key }: Pair): string => (key.kind === 'scalar' ? String(key.value) : '');

/** A mapping's pair with a key; the first, where there are several. */
export const pairOf = ({ pairs }: Mapping, key: string): Pair | undefined => pairs.find((pair) => keyText(pair) === key);

/** A mapping on lines of its own: from its first key to the end of its last value. */
export const blockMap = (start: number, pairs: readonly Pair[]): Mapping => {
  const last = pairs[pairs.length - 1];
  return { kind: 'map', start, end: last.value?.end ?? last.key.end, flow: false, pairs };
};

/** A list on lines of its own: from its first dash to the end of its last item. */
export const blockList = (start: number, items: readonly Node[]): List => ({
  kind: 'list',
  start,
  end: items.length > 0 ? items[items.length - 1].end : start,
  flow: false,
  items,
});

/** A tree as it stands elsewhere in a text. */
export function moved<Tree extends Node>(node: Tree, by: number): Tree {
  if (by === 0) return node;
  const place = { start: node.start + by, end: node.end + by };
  if (node.kind === 'list') return { ...node, ...place, items: node.items.map((item) => moved(item, by)) };
  if (node.kind !== 'map') return { ...node, ...place };
  return { ...node, ...place, pairs: node.pairs.map((pair) => movedPair(pair, by)) };
}

export const movedPair = (pair: Pair, by: number): Pair =>
  by === 0 ? pair : { key: moved(pair.key, by), value: pair.value && moved(pair.value, by) };

/** A tree's nodes, each before what is in it. */
export function* everyNode(node: Node | null): Generator<Node> {
  if (!node) return;
  yield node;
  if (node.kind === 'list') for (const item of node.items) yield* everyNode(item);
  if (node.kind !== 'map') return;
  for (const { key, value } of node.pairs) {
    yield* everyNode(key);
    yield* everyNode(value);
  }
}
