import { offsetAt, rangeBetween } from '../lines.ts';
import { isList, isMap, type Node, type Place } from '../node.ts';
import type { Position, Range } from '../problem.ts';
import type { Source } from '../source.ts';

/** What a growing selection takes in, from the word at a position to the whole text: each range lies in the next. */
export function selections(source: Source, position: Position): Range[] {
  const offset = offsetAt(source.lines, position);
  const { length } = source.lines.text;
  const places = [...around(source, source.root, offset)].reverse();
  const whole = [...places, { start: 0, end: length }];
  const ranges = whole.filter(({ start, end }, index) => index === 0 || start !== whole[index - 1].start || end !== whole[index - 1].end);
  return ranges.map(({ start, end }) => rangeBetween(source.lines, start, end));
}

/** The places that hold the offset, the outermost first. */
function* around(source: Source, node: Node | null, offset: number): Generator<Place> {
  if (!node) return;
  const own = trimmed(source, node);
  if (offset < own.start || offset > own.end) return;
  yield own;
  const children: (readonly (Node | null)[])[] = isMap(node)
    ? node.pairs.map(({ key, value }) => [key, value])
    : isList(node)
      ? node.items.map((item) => [item])
      : [];
  for (const parts of children) {
    const spans = parts.flatMap((part) => (part ? [trimmed(source, part)] : []));
    if (spans.length === 0) continue;
    const pair = { start: spans[0].start, end: Math.max(...spans.map(({ end }) => end)) };
    if (offset < pair.start || offset > pair.end) continue;
    yield pair;
    for (const part of parts) yield* around(source, part, offset);
    return;
  }
}

const trimmed = (source: Source, { start, end }: Place): Place => ({
  start,
  end: start + source.lines.text.slice(start, end).trimEnd().length,
});
