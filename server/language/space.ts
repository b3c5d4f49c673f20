import type { Shape } from '../network/shape.ts';
import { createRandom } from '../random.ts';
import { examineFeasibility, isEasy } from '../run/feasible.ts';
import { searchOptions } from '../run/setting.ts';
import { createExaminer } from '../search/examine.ts';
import { randomGenotype } from '../search/sample.ts';
import type { SpaceFacts } from '../spec/features/facts.ts';
import type { Spec } from '../spec/spec.ts';

/** Networks drawn to tell what share of the space fits. */
const DRAWN = 100;

type SpaceInput = { readonly shape: Shape; readonly classes: readonly string[] };

const optionsFor = (spec: Spec, { classes, shape }: SpaceInput) =>
  searchOptions(spec, { classes: [...classes], train: { shape } as never });

/** Whether the smallest network that the search of a spec could propose fits: then there is little to tell of its space. */
export function smallestFits(spec: Spec, data: SpaceInput): boolean {
  const { options, faults } = optionsFor(spec, data);
  return faults.length === 0 && isEasy(options);
}

/**
 * Looks what the search of a spec could propose, as the search itself would price it. Yields after every few prices, so that who asks can let others have
 * their turn.
 */
export function* examineSpace(spec: Spec, data: SpaceInput): Generator<void, SpaceFacts, void> {
  const { options, faults } = optionsFor(spec, data);
  const nothing = { leastRamBytes: Number.POSITIVE_INFINITY, leastFlashBytes: Number.POSITIVE_INFINITY, drawn: 0, fitting: 0 };
  if (faults.length > 0) return { ...nothing, faults };
  const { space, price } = options;
  const { error: _, ...limits } = options.limits;
  const { leastRamBytes, leastFlashBytes, excess } = yield* examineFeasibility(options, spec.target.device);
  const examiner = createExaminer(space, price, limits);
  const random = createRandom(1).fork('space');
  let fitting = 0;
  for (let draw = 0; draw < DRAWN; draw++) {
    const candidate = examiner.examine(randomGenotype(space, random));
    if (candidate && !candidate.excess) fitting++;
    yield;
  }
  const told = { faults, leastRamBytes, leastFlashBytes, drawn: DRAWN, fitting };
  if (fitting > 0 || !excess) return told;
  return { ...told, excess: { limit: excess.objective, value: excess.value, allowed: excess.limit } };
}
