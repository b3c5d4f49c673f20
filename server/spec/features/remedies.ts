import { formatExact } from '../format.ts';
import { offsetAt } from '../lines.ts';
import { isMap, isScalar, keyText } from '../node.ts';
import type { Edit, Fix, Problem } from '../problem.ts';
import type { Source } from '../source.ts';
import { nodeAt, pathAt } from '../tree.ts';
import { allowanceOf } from './allowance.ts';
import { diagnose } from './diagnostics.ts';
import { applyEdits, insertEntry, replace, setKey } from './edits.ts';
import type { Examined } from './examine.ts';
import type { Examine } from './fixes.ts';

/** Of the layers up to the one that is over the budget so many are tried, the nearest first. */
const NEAREST = 4;
const MOST_OFFERED = 6;
/** Flash takes longer to tell. */
const MOST_TRIED = { ram: 80, flash: 16 };

/**
 * Changes to a network that make it fit, each with what it will need then. Row streaming and fusing are not among them: every plan does both
 * wherever they help. What is offered was tried: the layer fits behind it, and nothing else is wrong that was not wrong before.
 */
export function remedies(examined: Examined, problem: Problem, again: Examine): Fix[] {
  const { source, draft } = examined.parsed;
  if ((problem.code !== 'overRam' && problem.code !== 'overFlash') || !draft.target) return [];
  const kind = problem.code === 'overRam' ? 'ram' : 'flash';
  const { bytes } = allowanceOf({ ...draft, target: draft.target })[kind];
  const before = diagnose(examined);
  const entry = Number(pathAt(source.root, offsetAt(source.lines, problem.range.start))?.path[1] ?? -1);
  let left = kind === 'ram' ? MOST_TRIED.ram : MOST_TRIED.flash;
  const attempt = ({ title, edits, inserted = 0 }: Change): Fix | undefined => {
    if (edits.length === 0 || left-- <= 0) return undefined;
    const after = again(applyEdits(source, edits));
    const needs = kind === 'ram' ? after.price?.ramBytes : after.price?.flashBytes;
    if (needs === undefined || !fits(after, problem, before, entry < 0 ? undefined : entry + inserted)) return undefined;
    return { title: `${title}: ${formatExact(needs)} of ${kind === 'ram' ? 'RAM' : 'flash'} (${formatExact(bytes)} left)`, edits };
  };
  const offered: Fix[] = [];
  for (const change of changes(source, entry, kind)) {
    const found = typeof change === 'function' ? largest(change, attempt) : attempt(change);
    if (found) offered.push(found);
    if (offered.length === MOST_OFFERED) break;
  }
  return offered;
}

type Change = {
  readonly title: string;
  readonly edits: readonly Edit[] /** Entries put before the one at fault. */;
  readonly inserted?: number;
};
/** A change with a number in it, from 1 up to what is written. */
type Scaled = { (count: number): Change; most?: number };

function* changes(source: Source, entry: number, kind: 'ram' | 'flash'): Generator<Change | Scaled> {
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
  const operation = operationAt(source, entry, ['conv2d', 'separable', 'dense']);
  const last = ((source.value as { network?: unknown[] }).network ?? []).length - 1;
  if (!operation || (operation === 'dense' && entry === last)) return;
  const key = operation === 'dense' ? 'units' : 'filters';
  const settings = nodeAt(source, ['network', entry, operation]);
  const node = isMap(settings) ? nodeAt(source, ['network', entry, operation, key]) : settings;
  const count = isScalar(node) && typeof node.value === 'number' ? node.value : 0;
  if (!node || count < 2) return;
  const { start, end } = node;
  const title = (fewer: number) => `${fewer} ${key} in place of ${count} in ${describe(source, entry, operation)}`;
  yield Object.assign((fewer: number) => ({ title: title(fewer), edits: [replace(source, start, end, String(fewer))] }), {
    most: count - 1,
  });
}

/** The change with the largest number that helps; fewer never need more. */
function largest(change: Scaled, attempt: (change: Change) => Fix | undefined): Fix | undefined {
  let found = attempt(change(1));
  let [low, high] = [1, change.most ?? 1];
  while (found && low < high) {
    const middle = Math.ceil((low + high) / 2);
    const fix = attempt(change(middle));
    if (fix) [found, low] = [fix, middle];
    else high = middle - 1;
  }
  return found;
}

function fits(after: Examined, problem: Problem, before: readonly Problem[], entry: number | undefined): boolean {
  const problems = diagnose(after).filter(({ severity }) => severity !== 'information');
  const { source } = after.parsed;
  const remains = problems.some(
    ({ code, range }) =>
      code === problem.code && (entry === undefined || pathAt(source.root, offsetAt(source.lines, range.start))?.path[1] === entry),
  );
  const count = (all: readonly Problem[], code: string) => all.filter((each) => each.code === code).length;
  return !remains && problems.every(({ code }) => count(problems, code) <= count(before, code));
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
