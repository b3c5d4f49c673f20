import { formatShape } from '../../network/shape.ts';
import { rangeBetween } from '../lines.ts';
import { isList, isMap, keyText, type Node } from '../node.ts';
import type { Range } from '../problem.ts';
import type { Source } from '../source.ts';
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
  return node.pairs.flatMap((pair) => {
    const { key, value } = pair;
    const name = keyText(pair);
    if (name === '') return [];
    const end = value ? Math.max(key.end, trimmedEnd(source, value)) : key.end;
    const scalar = value && !isMap(value) && !isList(value) ? source.lines.text.slice(value.start, value.end) : '';
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
  if (!isList(node)) return [];
  const { source } = examined.parsed;
  return layerLines(examined).flatMap(({ layers, shape }, entry) => {
    const item = node.items[entry];
    const range = rangeBetween(source.lines, item.start, trimmedEnd(source, item));
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

/** Where a value ends, the line breaks behind it left out. */
const trimmedEnd = (source: Source, { start, end }: Node): number => start + source.lines.text.slice(start, end).trimEnd().length;
