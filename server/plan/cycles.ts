import { INPUT } from '../network/network.ts';
import { weightCount } from '../network/stage.ts';
import type { NonZeros, Plan, PlanTarget } from './plan.ts';

/** Cycles of one inference, the delivery of its input included; undefined for targets without a model. About 10 % off on average. */
export function predictCycles(plan: Plan, target: PlanTarget, nonZeros: NonZeros = weightCount): number | undefined {
  const stages = plan.stages.map((each) => each.stage);
  const [input] = stages.flatMap((stage) => stage.inputShapes.filter((_, i) => stage.inputs[i] === INPUT));
  const cycles = target.cycles?.(input, stages, plan.streamed, nonZeros);
  return cycles === undefined ? undefined : Math.round(cycles);
}
