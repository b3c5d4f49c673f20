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
  const alive = plan.buffers.filter(({ from, until, isOverSums }) => !isOverSums && from <= phase && phase <= until);
  const blocks = alive.map(({ tensor, offset, bytes }): Block => ({ offset, bytes, role: role(tensor) }));
  let offset = plan.arenaBytes;
  const logits = plan.sums.find(({ isInArena, stage: of }) => isInArena && of === stage.name);
  if (logits) blocks.push({ offset: logits.offset!, bytes: logits.bytes, role: 'output' });
  for (const { stage: name, bytes, isInArena } of plan.sums) {
    if (isInArena) continue;
    blocks.push({ offset, bytes, role: role(name) });
    offset += bytes;
  }
  return [...blocks, { offset, bytes: plan.counters.reduce((sum, { width }) => sum + width, 0), role: 'other' }];
}
