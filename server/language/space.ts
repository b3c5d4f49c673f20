import type { Shape } from '../network/shape.ts';
import { createRandom } from '../random.ts';
import { searchOptions } from '../run/setting.ts';
import { createExaminer } from '../search/examine.ts';
import type { Limits } from '../search/objective.ts';
import { randomGenotype } from '../search/sample.ts';
import { shrink } from '../search/shrink.ts';
import { smallest } from '../search/smallest.ts';
import type { PriceOf } from '../search/trial.ts';
import type { SpaceFacts } from '../spec/features/facts.ts';
import type { Spec } from '../spec/spec.ts';

/** Networks drawn to tell what share of the space fits. */
const DRAWN = 100;
/** Where none of them fits, so many are shrunk before the space is said to hold none. */
const SHRUNK = 8;

/**
 * Looks what the search of a spec could propose, as the search itself would price it. Yields after every few prices, so that who asks can let others have
 * their turn. That nothing fits is said where the smallest network, the draws, and what they shrink to are all over the limits.
 */
export function* examineSpace(
  spec: Spec,
  data: { readonly shape: Shape; readonly classes: readonly string[] },
): Generator<void, SpaceFacts, void> {
  const { options, faults } = searchOptions(spec, { classes: [...data.classes], train: { shape: data.shape } as never });
  let [leastRamBytes, leastFlashBytes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const price: PriceOf = (network, pruning) => {
    const found = options.price(network, pruning);
    leastRamBytes = Math.min(leastRamBytes, found.ramBytes);
    leastFlashBytes = Math.min(leastFlashBytes, found.flashBytes);
    return found;
  };
  const told = (fitting: number, drawn: number) => ({ faults, leastRamBytes, leastFlashBytes, drawn, fitting });
  if (faults.length > 0) return told(0, 0);
  const { error: _, ...limits }: Limits = options.limits;
  const { space } = options;
  const examiner = createExaminer(space, price, limits);
  const least = examiner.examine(smallest(space));
  const random = createRandom(1).fork('space');
  const over = least ? [least] : [];
  let fitting = 0;
  for (let draw = 0; draw < DRAWN; draw++) {
    const candidate = examiner.examine(randomGenotype(space, random));
    if (candidate && !candidate.excess) fitting++;
    else if (candidate) over.push(candidate);
    yield;
  }
  if (fitting > 0 || (least && !least.excess)) return told(fitting, DRAWN);
  for (const candidate of over.slice(0, SHRUNK)) {
    if (shrink(candidate, space, random, examiner)) return told(fitting, DRAWN);
    yield;
  }
  const { nearest } = examiner;
  if (!nearest) return told(fitting, DRAWN);
  return { ...told(0, DRAWN), excess: { limit: nearest.objective, value: nearest.value, allowed: nearest.limit } };
}
