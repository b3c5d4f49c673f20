import { INPUT } from '../network/network.ts';
import { weightCount } from '../network/stage.ts';
import { callerCycles } from './caller.ts';
import { emission } from './emission.ts';
import type { Plan, PlanTarget, Weights } from './plan.ts';
import { nonZerosOf } from './standin.ts';

/** Cycles of one inference, the delivery of its input included: counted where machine code is written, fitted for plain C; undefined for targets without a model. */
export function predictCycles(plan: Plan, target: PlanTarget, weights: Weights = weightCount): number | undefined {
  if (plan.machine) return Math.round(emission(plan, weights).cycles + callerCycles(plan));
  const stages = plan.stages.map((each) => each.stage);
  const [input] = stages.flatMap((stage) => stage.inputShapes.filter((_, i) => stage.inputs[i] === INPUT));
  const cycles = target.cycles?.(input, stages, plan.streamed, nonZerosOf(weights), plan.unit);
  return cycles === undefined ? undefined : Math.round(cycles);
}
