import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import type { Plan, PlanTarget } from './plan.ts';
import { clippedHorizontally, clippedVertically, encodeFor } from './weights.ts';

/** Non-zero weights of a stage, biases left out. */
export type NonZeros = (stage: Stage) => number;

/** Flash of the generated code, bytes: its tables exactly, its machine code by the target's fitted sizes. Without `nonZeros` nothing is pruned. */
export function predictFlash(plan: Plan, target: PlanTarget, nonZeros: NonZeros = weightCount): number {
  const tables = plan.stages.reduce((sum, { stage }) => sum + tableBytes(stage, nonZeros), 0);
  const code = plan.stages.reduce((sum, each) => sum + codeBytes(each.stage, each.form === 'row-streamed', target), target.code.base);
  return tables + Math.max(0, Math.round(code));
}

/** Weights in their encoding, biases and multipliers of a stage. */
function tableBytes(stage: Stage, nonZeros: NonZeros): number {
  if (!hasWeights(stage)) return 0;
  return encodeFor(stage, nonZeros(stage)).bytes + stage.shape.channels * (stage.raw ? 4 : 6);
}

function codeBytes(stage: Stage, streamed: boolean, { code }: PlanTarget): number {
  const requantized = stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw);
  return (
    code.ops[stage.op] +
    code.clipped * (Number(clippedVertically(stage)) + Number(clippedHorizontally(stage))) +
    (streamed ? code.streamed : 0) +
    code.furtherInput * (stage.inputs.length - 1) +
    (requantized ? code.requantized : 0)
  );
}
