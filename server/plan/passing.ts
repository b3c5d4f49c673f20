import type { Stage } from '../network/stage.ts';
import type { PlanTarget, Unit } from './plan.ts';
import { intakeOf } from './stream.ts';
import { clippedHorizontally, liesApart } from './weights.ts';

/**
 * Tensors of which no row is kept where rows are streamed by machine code, only a pixel: one stage alone reads them, and takes each pixel as
 * it is made. By name, with that stage's.
 */
export function passedOn(
  stages: readonly Stage[],
  unit: Unit,
  target: Pick<PlanTarget, 'machine' | 'poolsTakePixels'>,
): ReadonlyMap<string, string> {
  const passed = new Map<string, string>();
  if (unit !== 'row' || !target.machine?.(stages, { unit, streamed: stages.length })) return passed;
  for (const stage of stages) {
    const readers = stages.filter(({ inputs }) => inputs.includes(stage.name));
    if (readers.length === 1 && makesPixels(stage) && takesPixels(readers[0], target)) passed.set(stage.name, readers[0].name);
  }
  return passed;
}

/** By window after window, whose column is known. */
const makesPixels = (stage: Stage): boolean =>
  stage.window !== undefined &&
  !stage.raw &&
  stage.shape.width > 1 &&
  intakeOf(stage) === 'window' &&
  (stage.window.strideX === 1 || (!clippedHorizontally(stage) && !liesApart(stage)));

/** Into one running result at the most. */
const takesPixels = (stage: Stage, { poolsTakePixels }: Pick<PlanTarget, 'poolsTakePixels'>): boolean =>
  stage.op === 'dense' ||
  (poolsTakePixels === true && stage.window !== undefined && intakeOf(stage) === 'fold' && stage.window.kernelX <= stage.window.strideX);
