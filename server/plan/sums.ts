import { INPUT } from '../network/network.ts';
import { elements } from '../network/shape.ts';
import { type Stage, weightCount } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import type { Cut, Plan, PlanTarget, Sums, Unit } from './plan.ts';
import { intakeOf, runningOf } from './stream.ts';

/** Running results of a stage, streamed in `unit` or over whole tensors without one; those of a raw stage are the logits. */
export function sumsOf(stage: Stage, unit: Unit | undefined, target: Pick<PlanTarget, 'narrowSums'>): Sums[] {
  const sums = (count: number, width: Sums['width']) => [{ stage: stage.name, count, width, bytes: count * width }];
  if (stage.raw) {
    const count = elements(stage.shape);
    // What shares the arena must be as wide on every core: where C has no integers of 24 bits, they would reach into other tensors.
    if (unit === undefined) return sums(count, 4);
    return sums(count, target.narrowSums && fitIn24(stage) ? 3 : 4);
  }
  if (unit === undefined || intakeOf(stage, unit) === 'window') return [];
  if (stage.op === 'dense') return sums(stage.shape.channels, target.narrowSums && fitIn24(stage) ? 3 : 4);
  const { count, width } = runningOf(stage, unit);
  return count === 0 ? [] : sums(count, width);
}

/** Whether a streamed stage's output, a single pixel, is written over its sums as they are scaled: it is made once, when all are complete. */
export const liesOverSums = (stage: Stage, unit: Unit): boolean =>
  !stage.raw &&
  (stage.op === 'dense' || stage.op === 'averagePool') &&
  stage.shape.height * stage.shape.width === 1 &&
  intakeOf(stage, unit) === 'fold';

/** Running results of all stages under a cut, with the phase of those that lie in the arena. */
export const allSums = (stages: readonly Stage[], { unit, streamed }: Cut, target: Pick<PlanTarget, 'narrowSums'>): Sums[] =>
  stages.flatMap((stage, i) => {
    const phase = i >= streamed ? stages.length - streamed : endsWithStreaming(stage) && streamed < stages.length ? 0 : undefined;
    const sums = sumsOf(stage, i < streamed ? unit : undefined, target);
    return phase === undefined ? sums : sums.map((each) => ({ ...each, phase }));
  });

/** Whether a streamed stage's running results are of no use to those over whole tensors, and as wide on every core. */
export const endsWithStreaming = ({ window }: Stage): boolean => window !== undefined;

/** Where a stage's sums begin in the state: the widest fields come first, and of equals sums before counters. */
export function sumsOffset(stage: string, { sums, counters }: Pick<Plan, 'sums' | 'counters'>): number {
  const { width } = sums.find((each) => each.stage === stage)!;
  const beside = sums.filter((each) => each.phase === undefined);
  const wider = [...beside, ...counters.map((counter) => ({ ...counter, bytes: counter.width }))].filter((each) => each.width > width);
  const before = beside.slice(
    0,
    beside.findIndex((each) => each.stage === stage),
  );
  const bytes = [...wider, ...before.filter((each) => each.width === width)].map((each) => each.bytes);
  return bytes.reduce((total, each) => total + each, 0);
}

/** A sum of 24 bits holds less than this. */
const REACH_24 = 2 ** 23;

/** Whether the sums of a stage stay within 24 bits: by its shape, with an eighth left for biases; of a quantised stage by its biases too. */
function fitIn24(stage: Stage & Pick<Partial<QuantizedStage>, 'weights'>): boolean {
  const { channels } = stage.shape;
  // The input's zero point is folded into the bias, which may double what its taps reach.
  const reach = (weightCount(stage) / channels) * 127 * (stage.inputs[0] === INPUT ? 2 * 255 : 128);
  const bias = stage.weights?.bias.reduce((most, each) => Math.max(most, Math.abs(each)), 0) ?? REACH_24 / 8;
  return reach + Math.max(bias, REACH_24 / 8) < REACH_24;
}
