import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import type { NonZeros, Plan, PlanTarget } from './plan.ts';
import { encodeFor, isWrittenAsCode } from './weights.ts';

export type { NonZeros } from './plan.ts';

/** Flash of the generated code, bytes: its tables exactly, its machine code by the target's fitted sizes. Without `nonZeros` nothing is pruned. */
export function predictFlash(plan: Plan, target: PlanTarget, nonZeros: NonZeros = weightCount): number {
  const stages = plan.stages.map((each) => each.stage);
  const tables = stages.reduce((sum, stage) => sum + tableBytes(stage, nonZeros(stage), target.weightsInCode), 0);
  return tables + Math.max(0, Math.round(target.codeBytes(stages, plan.streamed)));
}

/** Weights in their encoding, biases and multipliers of a stage. `inCode`: where weights can be code, they are. */
export function tableBytes(stage: Stage, nonZeros: number, inCode: boolean): number {
  if (!hasWeights(stage) || (inCode && isWrittenAsCode(stage))) return 0;
  return encodeFor(stage, nonZeros).bytes + stage.shape.channels * (stage.raw ? 4 : 6);
}
