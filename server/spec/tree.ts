import { rangeBetween } from './lines.ts';
import { isList, isMap, keyText, type Node, type Place, pairOf } from './node.ts';
import type { Path, Range } from './problem.ts';
import type { Source } from './source.ts';

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
      const pair = pairOf(node, String(step));
      if (!pair) return place;
      node = pair.value;
      place = last && at === 'value' && node && node.end > node.start ? firstLine(node, source) : within(pair.key);
    } else if (isList(node) && typeof step === 'number' && node.items[step]) {
      node = node.items[step];
      place = firstLine(node, source);
    } else return place;
  }
  return place;
}

const within = ({ start, end }: Place): Place => ({ start, end });

/** A value of several lines is marked on its first. */
function firstLine(place: Place, source: Source): Place {
  const [line] = source.lines.text.slice(place.start, place.end).split(/[\r\n]/, 1);
  return { start: place.start, end: place.start + line.trimEnd().length };
}

/** The node at a path. */
export function nodeAt(source: Source, path: Path): Node | undefined {
  let node: Node | null | undefined = source.root;
  for (const step of path) {
    if (isMap(node)) node = pairOf(node, String(step))?.value;
    else if (isList(node) && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return node ?? undefined;
}

/** The top-level key under which an offset lies. */
export function sectionAt(source: Source, offset: number): string | undefined {
  if (!isMap(source.root)) return undefined;
  const pair = source.root.pairs.findLast(({ key }) => key.start <= offset);
  return pair && keyText(pair);
}

/** For what has no better place: the first line with a value on it. */
const topPlace = (source: Source): Place => firstLine(source.root ?? { start: 0, end: source.lines.text.length }, source);

/** What is written at an offset: its path, and whether the offset is on a key or on a value. */
export function pathAt(root: Node | null, offset: number): { path: Path; at: 'key' | 'value'; place: Place } | undefined {
  let node = root;
  let path: Path = [];
  let found: ReturnType<typeof pathAt>;
  while (node) {
    const inside = childAt(node, offset);
    if (!inside) break;
    path = [...path, inside.step];
    found = { path, at: inside.at, place: within(inside.node) };
    node = inside.at === 'key' ? null : inside.node;
  }
  return found;
}

function childAt(node: Node, offset: number): { step: string | number; at: 'key' | 'value'; node: Node } | undefined {
  if (isMap(node)) {
    for (const pair of node.pairs)
      for (const at of ['key', 'value'] as const) {
        const child = pair[at];
        if (child && holds(child, offset)) return { step: keyText(pair), at, node: child };
      }
  }
  if (isList(node)) {
    const index = node.items.findIndex((item) => holds(item, offset));
    if (index >= 0) return { step: index, at: 'value', node: node.items[index] };
  }
  return undefined;
}

/** Does a place hold an offset, its end included? */
export const holds = (place: Place, offset: number): boolean => place.start <= offset && offset <= place.end;
