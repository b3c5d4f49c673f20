import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import { storedBits } from '../quantize/bits.ts';
import { callerBytes } from './caller.ts';
import { emission } from './emission.ts';
import { encodeFor } from './encoding.ts';
import { inPixels } from './pixels.ts';
import type { Cut, NonZeros, Plan, PlanTarget, Weights } from './plan.ts';
import { leastOfSpread, nonZerosOf } from './standin.ts';
import { isConstant, MOST_AS_CODE } from './weights.ts';

export type { NonZeros } from './plan.ts';

/**
 * Flash of a program of the generated code and little more, bytes. Machine code is written and counted; what the compiler makes of the
 * rest, and of plain C, is predicted by sizes fitted to random networks. Without `weights` nothing is pruned.
 */
export function predictFlash(plan: Plan, target: PlanTarget, weights: Weights = weightCount): number {
  if (plan.machine) return emission(plan, weights).bytes + callerBytes(plan);
  return flashBytes(
    plan.stages.map((each) => each.stage),
    plan,
    target,
    nonZerosOf(weights),
  );
}

/** What of it each stage takes. */
export function flashByStage(plan: Plan, target: PlanTarget, weights: Weights = weightCount): ReadonlyMap<string, number> {
  if (plan.machine) return emission(plan, weights).byStage();
  const of = (stages: readonly Stage[]) => flashBytes(stages, plan, target, nonZerosOf(weights));
  const none = of([]);
  return new Map(plan.stages.map(({ stage }) => [stage.name, Math.max(0, of([stage]) - none)]));
}

/** By sizes fitted alone, for a cut that is not laid out: how cuts compare. */
export function flashBytes(stages: readonly Stage[], cut: Cut & Pick<Plan, 'leastFlash'>, target: PlanTarget, nonZeros: NonZeros): number {
  const { unit, streamed, leastFlash } = cut;
  const tables = stages.reduce((sum, stage, i) => {
    const taken = unit === 'pixel' && i < streamed && stage.op === 'dense' ? inPixels(stage) : stage;
    const asConstants = target.weightsAsConstants && !leastFlash && (unit === 'row' || i >= streamed) && isConstant(stage, nonZeros(stage));
    return sum + (asConstants ? 0 : tableBytes(taken, nonZeros(stage), leastFlash));
  }, 0);
  return tables + Math.max(0, Math.round(target.codeBytes(stages, cut, nonZeros)));
}

/** What the weights take, however they lie: only stages of few are written as code. */
export function leastFlash(stages: readonly Stage[], nonZeros: NonZeros): number {
  const tables = stages.filter((stage) => weightCount(stage) > MOST_AS_CODE);
  return tables.reduce((sum, stage) => sum + Math.floor((leastOfSpread(nonZeros(stage), stage.shape.channels) * storedBits(stage)) / 8), 0);
}

/** Weights in their encoding, biases and multipliers of a stage. */
export function tableBytes(stage: Stage, nonZeros: number, leastFlash = false): number {
  if (!hasWeights(stage)) return 0;
  return encodeFor(stage, nonZeros, leastFlash).bytes + stage.shape.channels * (stage.raw ? 4 : 6);
}
