import { formatExact } from '../format.ts';
import { offsetAt } from '../lines.ts';
import type { Fix, Problem } from '../problem.ts';
import { pathAt } from '../tree.ts';
import { allowanceOf } from './allowance.ts';
import { diagnose } from './diagnostics.ts';
import { applyEdits } from './edits.ts';
import type { Examined } from './examine.ts';
import type { Examine } from './fixes.ts';
import { type Change, changes, jointChanges, type Scaled } from './shrinking.ts';

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
  let isEnough = false;
  const attempt = ({ title, edits, inserted = 0 }: Change, forAll: boolean): Fix | undefined => {
    if (edits.length === 0 || left-- <= 0) return undefined;
    const after = again(applyEdits(source, edits));
    const needs = kind === 'ram' ? after.price?.ramBytes : after.price?.flashBytes;
    if (needs === undefined || (forAll && needs > bytes)) return undefined;
    if (!fits(after, problem, before, entry < 0 ? undefined : entry + inserted)) return undefined;
    isEnough ||= needs <= bytes;
    return { title: `${title}: ${formatExact(needs)} of ${kind === 'ram' ? 'RAM' : 'flash'} (${formatExact(bytes)} left)`, edits };
  };
  const offer = (tried: Iterable<Change | Scaled>, forAll: boolean): Fix[] => {
    const offered: Fix[] = [];
    const attemptOne = (change: Change) => attempt(change, forAll);
    for (const change of tried) {
      const found = typeof change === 'function' ? largest(change, attemptOne) : attemptOne(change);
      if (found) offered.push(found);
      if (offered.length === MOST_OFFERED) break;
    }
    return offered;
  };
  const single = offer(changes(source, entry, kind), false);
  // Where no single change is enough for the whole network, several together may be.
  return isEnough ? single : [...single, ...offer(jointChanges(source, kind), true)];
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
