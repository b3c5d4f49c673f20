import { isMap, isSeq, type Node } from 'yaml';
import { formatShape } from '../../network/shape.ts';
import { rangeBetween } from '../lines.ts';
import type { Range } from '../problem.ts';
import type { Source } from '../source.ts';
import { keyText, spanOf } from '../tree.ts';
import type { Examined } from './examine.ts';
import { layerLines } from './layers.ts';

/** A line of the outline. `selection` lies within `range`. */
export type SpecSymbol = {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'section' | 'key' | 'layer';
  readonly range: Range;
  readonly selection: Range;
  readonly children: readonly SpecSymbol[];
};

/** The outline: sections, their keys, and the layers of the network. */
export function symbols(examined: Examined): SpecSymbol[] {
  const { source } = examined.parsed;
  return pairSymbols(source, source.root, 'section', (section, node) =>
    section === 'network' ? layerSymbols(examined, node) : pairSymbols(source, node, 'key', () => []),
  );
}

function pairSymbols(
  source: Source,
  node: Node | null,
  kind: SpecSymbol['kind'],
  childrenOf: (key: string, node: Node | null) => SpecSymbol[],
): SpecSymbol[] {
  if (!isMap(node)) return [];
  return node.items.flatMap((pair) => {
    const key = spanOf(pair.key as Node);
    const name = keyText(pair);
    if (!key || name === '') return [];
    const value = (pair.value ?? null) as Node | null;
    const end = Math.max(key.end, trimmedEnd(source, value) ?? 0);
    const scalar = value && !isMap(value) && !isSeq(value) ? source.lines.text.slice(...spanPair(value)) : '';
    return [
      {
        name,
        detail: scalar.slice(0, 80),
        kind,
        range: rangeBetween(source.lines, key.start, end),
        selection: rangeBetween(source.lines, key.start, key.end),
        children: childrenOf(name, value),
      },
    ];
  });
}

function layerSymbols(examined: Examined, node: Node | null): SpecSymbol[] {
  if (!isSeq(node)) return [];
  const { source } = examined.parsed;
  return layerLines(examined).flatMap(({ layers, shape }, entry) => {
    const item = node.items[entry] as Node;
    const span = spanOf(item);
    if (!span) return [];
    const range = rangeBetween(source.lines, span.start, trimmedEnd(source, item) ?? span.end);
    const last = layers[layers.length - 1];
    return [
      {
        name: last.name,
        detail: `${layers.map(({ op }) => op).join(' + ')} ${formatShape(shape)}`,
        kind: 'layer',
        range,
        selection: range,
        children: [],
      },
    ];
  });
}

const spanPair = (node: Node): [number, number] => [spanOf(node)?.start ?? 0, spanOf(node)?.end ?? 0];

/** Where a value ends, the line breaks behind it left out. */
function trimmedEnd(source: Source, node: Node | null): number | undefined {
  const span = spanOf(node);
  return span && span.start + source.lines.text.slice(span.start, span.end).trimEnd().length;
}
