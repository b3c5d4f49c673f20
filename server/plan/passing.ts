import type { Stage } from '../network/stage.ts';
import type { PlanTarget, Unit } from './plan.ts';
import { intakeOf } from './stream.ts';
import { clippedHorizontally } from './weights.ts';

/**
 * Tensors of which no row is kept where rows are streamed by machine code, only a pixel: a dense layer alone reads them, and takes each pixel
 * as it is made. By name, with the dense layer's.
 */
export function passedOn(stages: readonly Stage[], unit: Unit, target: Pick<PlanTarget, 'machine'>): ReadonlyMap<string, string> {
  const passed = new Map<string, string>();
  if (unit !== 'row' || !target.machine?.(stages, { unit, streamed: stages.length })) return passed;
  for (const stage of stages) {
    const readers = stages.filter(({ inputs }) => inputs.includes(stage.name));
    if (readers.length === 1 && readers[0].op === 'dense' && makesPixels(stage)) passed.set(stage.name, readers[0].name);
  }
  return passed;
}

/** By window after window, whose column is known. */
const makesPixels = (stage: Stage): boolean =>
  stage.window !== undefined &&
  !stage.raw &&
  stage.shape.width > 1 &&
  intakeOf(stage) === 'window' &&
  (!clippedHorizontally(stage) || stage.window.strideX === 1);
