import type { Shape } from '../network/shape.ts';
import { type Stage, weightCount } from '../network/stage.ts';
import { leastRam } from './bounds.ts';
import { withLeastFlash } from './code.ts';
import { flashBytes } from './flash.ts';
import { depthsOf, type Layout, layout, overheadOf, phaseOf } from './layout.ts';
import { leadOf } from './overlap.ts';
import type { Buffer, Cut, Form, Plan, PlanTarget, StagePlan, Unit } from './plan.ts';
import { intakeOf } from './stream.ts';

/**
 * What a plan is chosen for, within `ramBytes` where that can be kept; where it cannot, every plan that is least in RAM is too large, and it
 * is taken to show by how much.
 *
 * - `cycles`: the fastest. Predictions are not exact, so of plans predicted nearly as fast as the fastest the one of least RAM is taken.
 * - `ram`: the smallest.
 * - `flash`: that with the least code.
 *
 * Weights count as if none were pruned: the plan that prices a network before training is that of its C.
 */
export type Goal = {
  readonly objective: 'cycles' | 'ram' | 'flash';
  readonly ramBytes?: number;
};

/** What a user expects who gives a budget and no more: RAM within it is there to be used, time is not. */
const FASTEST: Goal = { objective: 'cycles' };

/** Times of the fastest that count as as fast. */
export const AS_FAST = 1.1;

/** The unit of streaming and the number of leading stages that are streamed are chosen; the rest run over whole tensors. */
export function choosePlan(input: Shape, stages: readonly Stage[], target: PlanTarget, goal: Goal = FASTEST): Plan {
  const budget = (goal.ramBytes ?? Number.POSITIVE_INFINITY) + 1;
  const chosen = goal.objective === 'ram' ? undefined : new Choice(input, stages, target).cheapest(goal.objective, budget);
  if (chosen) return goal.objective === 'flash' ? withLeastFlash(planOf(chosen, stages)) : planOf(chosen, stages);
  const leanest = new Choice(input, stages, target.lean ?? target);
  return planOf(leanest.smallest(leanest.cuts)!, stages);
}

/** Every cut of a network, from the most streamed on, rows before pixels; laid out only as far as the goal asks for. */
class Choice {
  readonly cuts: readonly Cut[];
  private readonly input: Shape;
  private readonly stages: readonly Stage[];
  private readonly target: PlanTarget;
  private readonly depths = new Map<Unit, ReadonlyMap<string, number>>();
  /** By unit, then by the number of streamed stages. */
  private readonly bounds = new Map<Unit, readonly number[]>();
  private readonly cycles = new Map<Unit, readonly number[]>();
  private readonly laid = new Map<Cut, Layout>();

  constructor(input: Shape, stages: readonly Stage[], target: PlanTarget) {
    this.input = input;
    this.stages = stages;
    this.target = target;
    this.cuts = cutsOf(input, stages);
  }

  /** The first of least RAM that takes less than `limit`. */
  smallest(cuts: readonly Cut[], limit = Number.POSITIVE_INFINITY): Layout | undefined {
    const bounded = cuts
      .map((cut, order) => ({ cut, order, least: this.leastRam(cut) }))
      .sort((a, b) => a.least - b.least || a.order - b.order);
    let best: { order: number; found: Layout } | undefined;
    for (const { cut, order, least } of bounded) {
      if (least > (best?.found.ramBytes ?? limit)) break;
      const found = this.layOut(cut, best ? best.found.ramBytes + 1 : limit);
      if (found && (!best || found.ramBytes < best.found.ramBytes || order < best.order)) best = { order, found };
    }
    return best?.found;
  }

  /** Of the cuts that take less RAM than `limit`, the smallest of those that cost no more than the cheapest does, or nearly so. */
  cheapest(objective: 'cycles' | 'flash', limit: number): Layout | undefined {
    const costs = new Map(this.cuts.map((cut) => [cut, objective === 'cycles' ? this.cyclesOf(cut) : this.flashOf(cut)]));
    const byCost = [...this.cuts].sort((a, b) => costs.get(a)! - costs.get(b)!);
    const first = byCost.find((cut) => this.layOut(cut, limit));
    if (!first) return undefined;
    const enough = costs.get(first)! * (objective === 'cycles' ? AS_FAST : 1);
    return this.smallest(
      this.cuts.filter((cut) => costs.get(cut)! <= enough),
      limit,
    );
  }

  private layOut(cut: Cut, limit?: number): Layout | undefined {
    if (this.leastRam(cut) >= (limit ?? Number.POSITIVE_INFINITY)) return undefined;
    const known = this.laid.get(cut);
    if (known) return known.ramBytes < (limit ?? Number.POSITIVE_INFINITY) ? known : undefined;
    const found = layout(cut, this.input, this.stages, this.depthsOf(cut.unit), this.target, limit);
    if (found) this.laid.set(cut, found);
    return found;
  }

  private depthsOf(unit: Unit): ReadonlyMap<string, number> {
    const depths = this.depths.get(unit) ?? depthsOf(unit, this.input, this.stages);
    this.depths.set(unit, depths);
    return depths;
  }

  private leastRam({ unit, streamed }: Cut): number {
    const bounds = this.bounds.get(unit) ?? leastRam(unit, this.input, this.stages, this.depthsOf(unit), this.target);
    this.bounds.set(unit, bounds);
    return bounds[streamed];
  }

  /** Cycles of a cut are a sum over its stages, so cuts differ by those of the stages that change sides. Where none are known, pixels take longer. */
  private cyclesOf({ unit, streamed }: Cut): number {
    if (!this.target.cycles) return unit === 'row' ? 1 : 2;
    const known = this.cycles.get(unit) ?? this.allCycles(unit);
    this.cycles.set(unit, known);
    return known[streamed];
  }

  private allCycles(unit: Unit): number[] {
    const of = (stages: readonly Stage[], streamed: number) => this.target.cycles!(this.input, stages, streamed, weightCount, unit);
    let cycles = of(this.stages, 0);
    return [cycles, ...this.stages.map((stage) => (cycles += of([stage], 1) - of([stage], 0)))];
  }

  private flashOf({ unit, streamed }: Cut): number {
    return flashBytes(this.stages, { unit, streamed, leastFlash: true }, this.target, weightCount);
  }
}

/** All ways to cut. A row of one pixel is that pixel. */
export const cutsOf = ({ width }: Shape, stages: readonly Stage[]): Cut[] =>
  (width > 1 ? (['row', 'pixel'] as const) : (['row'] as const)).flatMap((unit) =>
    Array.from({ length: stages.length + (unit === 'row' ? 1 : 0) }, (_, i) => ({ unit, streamed: stages.length - i })),
  );

/** The plan of one cut. */
export const planWith = (cut: Cut, input: Shape, stages: readonly Stage[], target: PlanTarget): Plan =>
  planOf(layout(cut, input, stages, depthsOf(cut.unit, input, stages), target)!, stages);

function planOf({ inPlace, overlapped, ...chosen }: Layout, stages: readonly Stage[]): Plan {
  const { unit, buffers, sums } = chosen;
  const overhead = overheadOf(chosen);
  const stagePlans = stages.map((stage, i): StagePlan => {
    const phase = phaseOf(i, chosen);
    const buffer = buffers.find((each) => each.tensor === stage.name);
    const whole: Form = inPlace.has(i) ? 'in place' : overlapped.has(i) ? 'overlapped' : 'whole';
    const form: Form = phase === 0 ? `${unit}-streamed` : whole;
    const buffered = form === 'in place' || buffer?.isOverSums ? 0 : form === 'overlapped' ? leadOf(stage)! : (buffer?.bytes ?? 0);
    const alive: Span[] = [
      ...buffers.filter((each) => each.offset >= 0 && each.from <= phase && phase <= each.until),
      ...sums.filter((each) => each.phase === phase).map((each) => ({ offset: each.offset!, bytes: each.bytes })),
    ];
    const own = sums.filter((each) => each.stage === stage.name).reduce((total, each) => total + each.bytes, 0);
    return {
      stage,
      form,
      intake: phase === 0 ? intakeOf(stage, unit) : 'window',
      bufferBytes: buffered + own,
      liveBytes: overhead + covered(alive),
    };
  });
  const peak = stagePlans.reduce((most, each) => (each.liveBytes > most.liveBytes ? each : most)).stage.name;
  return { ...chosen, stages: stagePlans, peak };
}

type Span = Pick<Buffer, 'offset' | 'bytes'>;

/** Bytes of the arena under at least one of the buffers. */
function covered(buffers: readonly Span[]): number {
  let end = 0;
  let bytes = 0;
  for (const { offset, bytes: size } of [...buffers].sort((a, b) => a.offset - b.offset)) {
    bytes += Math.max(0, offset + size - Math.max(end, offset));
    end = Math.max(end, offset + size);
  }
  return bytes;
}
