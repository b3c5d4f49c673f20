import { isMap, isScalar, keyText } from '../node.ts';
import type { Edit } from '../problem.ts';
import type { Source } from '../source.ts';
import { nodeAt } from '../tree.ts';
import { insertEntry, replace, setKey } from './edits.ts';

/** Of the layers up to the one that is over the budget so many are tried. */
const NEAREST = 4;

/** A change to a network that makes it smaller. */
export type Change = {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Entries put before the one at fault. */
  readonly inserted?: number;
};
/** A change with a number in it, from 1 up to what is written. */
export type Scaled = { (count: number): Change; most?: number };

/** One change at a time: in the layer at fault and those before it, the nearest first. */
export function* changes(source: Source, entry: number, kind: 'ram' | 'flash'): Generator<Change | Scaled> {
  const entries = (source.value as { network?: unknown[] }).network ?? [];
  const near = lastFirst(kind === 'ram' ? entry : entries.length - 1, (at) => operationAt(source, at, WITH_WEIGHTS) !== undefined);
  if (kind === 'ram') {
    for (const at of near) yield* strided(source, at);
    yield inserting(source, entry, 'maxPool: 2', 'Pool 2 before this layer');
    yield inserting(source, 0, 'averagePool: 2', 'Down-sample the input by 2');
  }
  for (const at of near) yield* narrowed(source, at);
}

const WITH_WEIGHTS = ['conv2d', 'depthwise', 'separable', 'dense'];

const lastFirst = (entry: number, wanted: (entry: number) => boolean): number[] =>
  Array.from({ length: entry + 1 }, (_, step) => entry - step)
    .filter(wanted)
    .slice(0, NEAREST);

function* strided(source: Source, entry: number): Generator<Change> {
  const operation = operationAt(source, entry, ['conv2d', 'depthwise', 'separable']);
  const edit = operation && setKey(source, ['network', entry, operation], 'stride', '2');
  if (edit) yield { title: `Stride 2 in ${describe(source, entry, operation)}`, edits: [edit] };
}

function inserting(source: Source, at: number, layer: string, title: string): Change {
  const edit = insertEntry(source, ['network'], at, layer);
  return { title, edits: edit ? [edit] : [], inserted: 1 };
}

function* narrowed(source: Source, entry: number): Generator<Scaled> {
  const found = countIn(source, entry);
  if (!found || found.count < 2) return;
  const { start, end, count, key, operation } = found;
  const title = (fewer: number) => `${fewer} ${key} in place of ${count} in ${describe(source, entry, operation)}`;
  yield Object.assign((fewer: number) => ({ title: title(fewer), edits: [replace(source, start, end, String(fewer))] }), {
    most: count - 1,
  });
}

/** Several changes at once: less of every layer, and of the input. */
export function* jointChanges(source: Source, kind: 'ram' | 'flash'): Generator<Change | Scaled> {
  const all = (eighths: number): Edit[] => {
    const entries = (source.value as { network?: unknown[] }).network ?? [];
    return entries.flatMap((_, entry) => {
      const found = countIn(source, entry);
      return found ? [replace(source, found.start, found.end, String(Math.max(1, Math.floor((found.count * eighths) / 8))))] : [];
    });
  };
  const narrower = (eighths: number): Change => ({ title: `${eighths}/8 of the filters and units of all layers`, edits: all(eighths) });
  yield Object.assign(narrower, { most: 7 });
  if (kind === 'flash') return;
  for (const window of [3, 4]) yield inserting(source, 0, `averagePool: ${window}`, `Down-sample the input by ${window}`);
  const smaller = inserting(source, 0, 'averagePool: 2', 'Down-sample the input by 2');
  const both = (eighths: number): Change => {
    const { title, edits } = narrower(eighths);
    return { title: `${smaller.title}, ${title}`, edits: smaller.edits.length > 0 ? [...smaller.edits, ...edits] : [], inserted: 1 };
  };
  yield Object.assign(both, { most: 7 });
}

/** The filters or units of an entry, and where they are written; the last layer has as many as there are classes. */
function countIn(source: Source, entry: number) {
  const operation = operationAt(source, entry, ['conv2d', 'separable', 'dense']);
  const last = ((source.value as { network?: unknown[] }).network ?? []).length - 1;
  if (!operation || entry === last) return undefined;
  const key = operation === 'dense' ? 'units' : 'filters';
  const settings = nodeAt(source, ['network', entry, operation]);
  const node = isMap(settings) ? nodeAt(source, ['network', entry, operation, key]) : settings;
  if (!isScalar(node) || typeof node.value !== 'number') return undefined;
  return { start: node.start, end: node.end, count: node.value, key, operation };
}

function operationAt(source: Source, entry: number, wanted: readonly string[]): string | undefined {
  const node = nodeAt(source, ['network', entry]);
  return isMap(node) ? node.pairs.map(keyText).find((key) => wanted.includes(key)) : undefined;
}

function describe(source: Source, entry: number, operation: string): string {
  const name = nodeAt(source, ['network', entry, 'name']);
  return isScalar(name) ? String(name.value) : `${operation} (line ${lineOf(source, entry)})`;
}

const lineOf = (source: Source, entry: number): number => {
  const start = nodeAt(source, ['network', entry])?.start ?? 0;
  return source.lines.starts.findLastIndex((each) => each <= start) + 1;
};
