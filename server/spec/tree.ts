import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { rangeBetween } from './lines.ts';
import type { Path, Range } from './problem.ts';
import type { Source } from './source.ts';

/** A stretch of the text, in offsets. */
export type Place = { readonly start: number; readonly end: number };

/** The range of the value at a path, or of its key; where there is none, of the nearest value around it. */
export function rangeIn(source: Source, path: Path, at: 'key' | 'value' = 'value'): Range {
  const { start, end } = placeOf(source, path, at);
  return rangeBetween(source.lines, start, end);
}

/** As `rangeIn`, in offsets. */
export function placeOf(source: Source, path: Path, at: 'key' | 'value'): Place {
  let node: Node | null = source.root;
  let place = topPlace(source);
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
function firstLine(place: Place, source: Source): Place {
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

export const spanOf = (node: Node | null): Place | undefined => (node?.range ? { start: node.range[0], end: node.range[1] } : undefined);

/** For what has no better place: the first line with a value on it. */
const topPlace = (source: Source): Place => firstLine(spanOf(source.root) ?? { start: 0, end: source.lines.text.length }, source);

/** What is written at an offset: its path, and whether the offset is on a key or on a value. */
export function pathAt(root: Node | null, offset: number): { path: Path; at: 'key' | 'value'; place: Place } | undefined {
  let node = root;
  let path: Path = [];
  let found: ReturnType<typeof pathAt>;
  while (node) {
    const inside = childAt(node, offset);
    if (!inside) break;
    path = [...path, inside.step];
    found = { path, at: inside.at, place: inside.place };
    node = inside.at === 'key' ? null : inside.node;
  }
  return found;
}

function childAt(node: Node, offset: number): { step: string | number; at: 'key' | 'value'; node: Node; place: Place } | undefined {
  if (isMap(node)) {
    for (const pair of node.items)
      for (const at of ['key', 'value'] as const) {
        const child = pair[at] as Node | null;
        const place = spanOf(child);
        if (child && place && holds(place, offset)) return { step: keyText(pair), at, node: child, place };
      }
  }
  if (isSeq(node)) {
    const index = node.items.findIndex((item) => holds(spanOf(item as Node), offset));
    const item = node.items[index] as Node | undefined;
    if (item) return { step: index, at: 'value', node: item, place: spanOf(item)! };
  }
  return undefined;
}

const holds = (place: Place | undefined, offset: number): boolean => place !== undefined && place.start <= offset && offset <= place.end;
