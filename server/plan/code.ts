import { weightCount } from '../network/stage.ts';
import { predictFlash } from './flash.ts';
import type { Plan, PlanTarget, Weights } from './plan.ts';
import { MOST_AS_CODE } from './weights.ts';

/** The plan with its weights in few bytes, hardly any of them as code. */
export const withLeastFlash = (plan: Plan): Plan => ({
  ...plan,
  leastFlash: true,
  ...(plan.machine && { machine: { ...plan.machine, mostInCode: FEWEST_IN_CODE[plan.machine.core ?? 'avr'] } }),
});

/** So few weights take less as code than in a table and the loop over it: found by trying, on random networks. */
export const FEWEST_IN_CODE = { avr: 8, thumb: 40 } as const;

/** The plan as it is where it fits `flashBytes`, and else with its weights in few bytes. */
export function withinFlash(plan: Plan, target: PlanTarget, flashBytes: number, weights: Weights = weightCount): Plan {
  const flashOf = (each: Plan) => predictFlash(each, target, weights);
  if (flashOf(plan) <= flashBytes) return plan;
  const small = withLeastFlash(plan);
  return flashOf(small) < flashOf(plan) ? small : plan;
}

/** Weights that a convolution may have to be written as code, tried in this order. */
const MOST = [MOST_AS_CODE, 1000, 400, 150];

/** The plan with as many convolutions written as code as fit `flashBytes`: the faster, the more. The same plan where none fits, or no code is written. */
export function withMostCode(plan: Plan, target: PlanTarget, flashBytes: number, weights: Weights = weightCount): Plan {
  const { machine } = plan;
  if (!machine) return plan;
  const richer = MOST.filter((most) => most > machine.mostInCode).map((mostInCode) => ({ ...plan, machine: { ...machine, mostInCode } }));
  return richer.find((each) => predictFlash(each, target, weights) <= flashBytes) ?? plan;
}
