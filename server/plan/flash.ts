import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import type { Plan, PlanTarget } from './plan.ts';

/** Flash of the generated code, bytes: its tables exactly, its machine code by the target's fitted sizes. */
export function predictFlash(plan: Plan, target: PlanTarget): number {
  const tables = plan.stages.reduce((sum, { stage }) => sum + tableBytes(stage), 0);
  const code = plan.stages.reduce((sum, each) => sum + codeBytes(each.stage, each.form === 'row-streamed', target), target.code.base);
  return tables + Math.max(0, Math.round(code));
}

/** Weights, biases and multipliers of a stage. */
export function tableBytes(stage: Stage): number {
  if (!hasWeights(stage)) return 0;
  return weightCount(stage) + stage.shape.channels * (stage.raw ? 4 : 6);
}

function codeBytes(stage: Stage, streamed: boolean, { code }: PlanTarget): number {
  const requantized = stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw);
  return (
    code.ops[stage.op] +
    code.clipped * clippedAxes(stage) +
    (streamed ? code.streamed : 0) +
    code.furtherInput * (stage.inputs.length - 1) +
    (requantized ? code.requantized : 0)
  );
}

function clippedAxes({ window, inputShapes: [input] }: Stage): number {
  if (!window) return 0;
  const vertical = window.padTop > 0 || (window.rows - 1) * window.strideY - window.padTop + window.kernelY > input.height;
  const horizontal = window.padLeft > 0 || (window.columns - 1) * window.strideX - window.padLeft + window.kernelX > input.width;
  return Number(vertical) + Number(horizontal);
}
