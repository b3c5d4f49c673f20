import { INPUT } from '../network/network.ts';
import { stateOf } from './machine.ts';
import type { Plan } from './plan.ts';
import { type Delivered, thumbCallerBytes, thumbCallerCycles } from './thumbcaller.ts';

/** What avr-gcc 5.4 -Os, or gcc for Arm, makes of all that is not machine code: start-up, main, run and logits. `node test/bench/fit.ts` fits it. */
export const callerBytes = (plan: Plan): number =>
  isThumb(plan) ? thumbCallerBytes(deliveredBy(plan)) : Math.round(dot(callerSizeFeatures(plan), SIZES));

export const callerCycles = (plan: Plan): number =>
  isThumb(plan) ? thumbCallerCycles(deliveredBy(plan)) : dot(callerWorkFeatures(plan), CYCLES);

const isThumb = ({ machine }: Plan): boolean => machine?.core === 'thumb';

/** No plan's takes less. */
export const leastCallerBytes = (): number => Math.floor(SIZES.reduce((sum, each, i) => sum + (i === 0 ? each : Math.min(0, each)), 0));

const SIZES: readonly number[] = [385.9, -24.9, 0, 4.1, -39, 16, 17.9, 11.9, 6.3];
const CYCLES: readonly number[] = [23.4, 0.5, 10.1, 7];

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * (b[i] ?? 0), 0);

export function callerSizeFeatures(plan: Plan): number[] {
  const { units, unitBytes } = deliveredBy(plan);
  const { stage } = plan.stages[plan.stages.length - 1];
  const { offsets, arena } = stateOf(plan);
  const logits = stage.raw ? offsets.get(`sum_${stage.name}`)! : arena + plan.buffers.find(({ tensor }) => tensor === stage.name)!.offset;
  const bytes = stage.raw ? plan.sums.find((sums) => sums.stage === stage.name)!.width : 1;
  return [
    1,
    Number(unitBytes === 1),
    Number(unitBytes > 255),
    Number(units > 255),
    Number(bytes === 1),
    Number(bytes === 3),
    Number(bytes === 3 && stage.shape.channels === 2),
    Number(logits > 0),
    Number(logits > 63),
  ];
}

/** What is delivered, and what main does beside. */
export function callerWorkFeatures(plan: Plan): number[] {
  const { units, unitBytes } = deliveredBy(plan);
  return [1, units, units * unitBytes, unitBytes === 1 ? units : 0];
}

export function deliveredBy({ unit, stages, buffers }: Plan): Delivered {
  const { unitBytes } = buffers.find(({ tensor }) => tensor === INPUT)!;
  const [{ height, width }] = stages.flatMap(({ stage }) => stage.inputShapes.filter((_, i) => stage.inputs[i] === INPUT));
  return { units: unit === 'row' ? height : height * width, unitBytes };
}
