import { formatShape } from '../../network/shape.ts';
import type { Plan, StagePlan } from '../../plan/plan.ts';
import type { Block, LayerRow } from '../../protocol.ts';

/** Each stage of a plan with what is in its RAM. The state holds the arena, then running sums, then counters. */
export const layerRows = (plan: Plan): LayerRow[] =>
  plan.stages.map((each, index) => ({
    layer: each.stage.name,
    op: each.stage.op,
    shape: formatShape(each.stage.shape),
    form: each.form,
    bufferBytes: each.bufferBytes,
    liveBytes: each.liveBytes,
    blocks: blocksOf(plan, each, Math.max(0, index - plan.streamed + 1)),
  }));

function blocksOf(plan: Plan, { stage }: StagePlan, phase: number): Block[] {
  const role = (name: string): Block['role'] => (name === stage.name ? 'output' : stage.inputs.includes(name) ? 'input' : 'other');
  // What lies over its sums is drawn as they are.
  const alive = plan.buffers.filter(({ from, until, offset, isOverSums }) => {
    const isDrawnAsSums = isOverSums && (phase === 0 || offset < 0);
    return !isDrawnAsSums && from <= phase && phase <= until;
  });
  const blocks = alive.map(({ tensor, offset, bytes }): Block => ({ offset, bytes, role: role(tensor) }));
  let offset = plan.arenaBytes;
  for (const sums of plan.sums) {
    const { stage: name, bytes } = sums;
    if (sums.phase !== undefined) {
      if (sums.phase === phase) blocks.push({ offset: sums.offset!, bytes, role: role(name) });
      continue;
    }
    blocks.push({ offset, bytes, role: role(name) });
    offset += bytes;
  }
  return [...blocks, { offset, bytes: plan.counters.reduce((sum, { width }) => sum + width, 0), role: 'other' }];
}
