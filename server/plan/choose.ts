import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import { depthsOf, type Layout, layout, overheadOf, phaseOf } from './layout.ts';
import type { Buffer, Cut, Form, Plan, PlanTarget, StagePlan } from './plan.ts';
import { intakeOf } from './stream.ts';

/** The plan of least RAM: the unit of streaming and the number of leading stages that are streamed are chosen, the rest run over whole tensors. */
export function choosePlan(input: Shape, stages: readonly Stage[], target: PlanTarget): Plan {
  let best: Layout | undefined;
  for (const unit of ['row'] as const) {
    const depths = depthsOf(unit, input, stages);
    for (let streamed = stages.length; streamed >= (unit === 'row' ? 0 : 1); streamed--)
      best = layout({ unit, streamed }, input, stages, depths, target, best?.ramBytes) ?? best;
  }
  return planOf(best!, stages);
}

/** The plan of one cut. */
export const planWith = (cut: Cut, input: Shape, stages: readonly Stage[], target: PlanTarget): Plan =>
  planOf(layout(cut, input, stages, depthsOf(cut.unit, input, stages), target)!, stages);

function planOf({ inPlace, ...chosen }: Layout, stages: readonly Stage[]): Plan {
  const { unit, buffers, sums } = chosen;
  const overhead = overheadOf(chosen);
  const stagePlans = stages.map((stage, i): StagePlan => {
    const phase = phaseOf(i, chosen);
    const buffer = buffers.find((each) => each.tensor === stage.name);
    const form: Form = phase === 0 ? `${unit}-streamed` : inPlace.has(stage.name) ? 'in place' : 'whole';
    const alive = buffers.filter((each) => each.from <= phase && phase <= each.until);
    const own = sums.filter((each) => each.stage === stage.name).reduce((total, each) => total + each.bytes, 0);
    return {
      stage,
      form,
      intake: phase === 0 ? intakeOf(stage, unit) : 'window',
      bufferBytes: (form === 'in place' ? 0 : (buffer?.bytes ?? 0)) + own,
      liveBytes: overhead + covered(alive),
    };
  });
  const peak = stagePlans.reduce((most, each) => (each.liveBytes > most.liveBytes ? each : most)).stage.name;
  return { ...chosen, stages: stagePlans, peak };
}

/** Bytes of the arena under at least one of the buffers. */
function covered(buffers: readonly Buffer[]): number {
  let end = 0;
  let bytes = 0;
  for (const { offset, bytes: size } of [...buffers].sort((a, b) => a.offset - b.offset)) {
    bytes += Math.max(0, offset + size - Math.max(end, offset));
    end = Math.max(end, offset + size);
  }
  return bytes;
}
