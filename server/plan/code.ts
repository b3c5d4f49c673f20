import { weightCount } from '../network/stage.ts';
import { predictFlash } from './flash.ts';
import type { Plan, PlanTarget, Weights } from './plan.ts';

/** Weights that a convolution may have to be written as code, tried in this order. */
const MOST = [4000, 1000, 400, 150];

/** The plan with as many convolutions written as code as fit `flashBytes`: the faster, the more. The same plan where none fits, or no code is written. */
export function withMostCode(plan: Plan, target: PlanTarget, flashBytes: number, weights: Weights = weightCount): Plan {
  const { machine } = plan;
  if (!machine) return plan;
  const richer = MOST.filter((most) => most > machine.mostInCode).map((mostInCode) => ({ ...plan, machine: { ...machine, mostInCode } }));
  return richer.find((each) => predictFlash(each, target, weights) <= flashBytes) ?? plan;
}
