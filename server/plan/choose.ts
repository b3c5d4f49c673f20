import { INPUT } from '../network/network.ts';
import { elements, type Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import { type Block, mostAlive, pack } from './arena.ts';
import type { Buffer, Form, Plan, PlanTarget, StagePlan, Sums } from './plan.ts';
import { intakeOf, ringDepths } from './stream.ts';

/** The plan of least RAM: the number of leading stages that are row-streamed is chosen, the rest run over whole tensors. */
export function choosePlan(input: Shape, stages: readonly Stage[], target: PlanTarget): Plan {
  const depths = ringDepths(input, stages);
  let best: Layout | undefined;
  for (let streamed = stages.length; streamed >= 0; streamed--) {
    best = layoutWith(streamed, input, stages, depths, target, best?.ramBytes) ?? best;
  }
  return planOf(best!, stages);
}

/** The plan in which exactly the first `streamed` stages are row-streamed. `depths` are those of `ringDepths` over all stages. */
export const planWith = (
  streamed: number,
  input: Shape,
  stages: readonly Stage[],
  depths: ReadonlyMap<string, number>,
  target: PlanTarget,
): Plan => planOf(layoutWith(streamed, input, stages, depths, target)!, stages);

/** What a plan costs and where its buffers lie; the rest of it is told once it is chosen. */
type Layout = Omit<Plan, 'stages' | 'peak'> & { readonly inPlace: ReadonlySet<string> };

/** Undefined when it takes `limit` bytes or more. */
function layoutWith(
  streamed: number,
  input: Shape,
  stages: readonly Stage[],
  depths: ReadonlyMap<string, number>,
  target: PlanTarget,
  limit = Number.POSITIVE_INFINITY,
): Layout | undefined {
  const tensors = placeTensors(streamed, input, stages, depths);
  const sums = stages.flatMap((stage, i) => sumsOf(stage, i < streamed));
  const counterWidth = Math.max(input.height, ...stages.map((stage) => stage.shape.height)) > 255 ? 2 : 1;
  const counters = [`rows_${INPUT}`, ...stages.slice(0, streamed).flatMap(countersOf)];
  const overhead = overheadOf(sums, counters, counterWidth);
  const stackBytes = target.stackBytes(stages, streamed);
  if (overhead + mostAlive(tensors.blocks) + stackBytes >= limit) return undefined;
  const packing = pack(tensors.blocks);
  const stateBytes = alignUp(overhead + packing.bytes, structAlignment(sums, counterWidth, target));
  const ramBytes = stateBytes + stackBytes;
  if (ramBytes >= limit) return undefined;
  const buffers = tensors.buffers.map(({ block, ...buffer }) => ({ ...buffer, offset: packing.offsets[block] }));
  const { inPlace } = tensors;
  return { streamed, buffers, sums, arenaBytes: packing.bytes, counters, counterWidth, stateBytes, stackBytes, ramBytes, inPlace };
}

function planOf({ inPlace, ...layout }: Layout, stages: readonly Stage[]): Plan {
  const { streamed, buffers, sums, counters, counterWidth } = layout;
  const overhead = overheadOf(sums, counters, counterWidth);
  const stagePlans = stages.map((stage, i): StagePlan => {
    const phase = i < streamed ? 0 : i - streamed + 1;
    const buffer = buffers.find((each) => each.tensor === stage.name);
    const form: Form = phase === 0 ? 'row-streamed' : inPlace.has(stage.name) ? 'in place' : 'whole';
    const alive = buffers.filter((each) => each.from <= phase && phase <= each.until);
    const own = sums.filter((each) => each.stage === stage.name).reduce((total, each) => total + each.bytes, 0);
    return {
      stage,
      form,
      intake: phase === 0 ? intakeOf(stage) : 'window',
      bufferBytes: (form === 'in place' ? 0 : (buffer?.bytes ?? 0)) + own,
      liveBytes: overhead + covered(alive),
    };
  });
  const peak = stagePlans.reduce((most, each) => (each.liveBytes > most.liveBytes ? each : most)).stage.name;
  return { ...layout, stages: stagePlans, peak };
}

/** Bytes of the state beside the arena. */
const overheadOf = (sums: readonly Sums[], counters: readonly string[], counterWidth: number): number =>
  sums.reduce((total, each) => total + each.bytes, 0) + counters.length * counterWidth;

type Placed = Omit<Buffer, 'offset'> & { readonly block: number };

/** Every tensor's buffer with its life, grouped into blocks that share an offset. Raw stages have sums in place of a buffer. */
function placeTensors(streamed: number, input: Shape, stages: readonly Stage[], depths: ReadonlyMap<string, number>) {
  const phaseOf = (i: number) => (i < streamed ? 0 : i - streamed + 1);
  const lastReader = new Map(stages.flatMap((stage, i) => stage.inputs.map((name) => [name, i] as const)));
  const buffers: Placed[] = [];
  const blocks: { bytes: number; from: number; until: number }[][] = [];
  const inPlace = new Set<string>();
  const place = (tensor: string, shape: Shape, from: number, over?: Placed) => {
    const until = phaseOf(lastReader.get(tensor) ?? stages.length - 1);
    const depth = until > 0 ? shape.height : Math.min(depths.get(tensor)!, shape.height);
    const rowBytes = shape.width * shape.channels;
    const buffer = { tensor, depth, rowBytes, bytes: depth * rowBytes, from, until, block: over?.block ?? blocks.length };
    buffers.push(buffer);
    // An output in place takes over as its input ends: no larger, so it needs nothing more in their common phase.
    const interval = { bytes: buffer.bytes, from: over ? from + 0.5 : from, until };
    if (over) blocks[over.block].push(interval);
    else blocks.push([interval]);
  };
  place(INPUT, input, 0);
  stages.forEach((stage, i) => {
    if (stage.raw) return;
    const over = phaseOf(i) > 0 ? overwritten(stage, phaseOf(i), buffers) : undefined;
    if (over) inPlace.add(stage.name);
    place(stage.name, stage.shape, phaseOf(i), over);
  });
  return { buffers, blocks: blocks as Block[], inPlace };
}

/** The input buffer that a stage over whole tensors may write its output over, element by element. */
function overwritten(stage: Stage, phase: number, buffers: readonly Placed[]): Placed | undefined {
  const { window } = stage;
  const pool = (stage.op === 'maxPool' || stage.op === 'averagePool') && window?.padTop === 0 && window.padLeft === 0;
  if (!pool && stage.op !== 'relu' && stage.op !== 'add') return undefined;
  const inputs = stage.inputs.map((name) => buffers.find((buffer) => buffer.tensor === name)!);
  return inputs.find((buffer) => buffer.until === phase && inputs.filter((other) => other === buffer).length === 1);
}

/** Running sums of a stage; those of a raw stage are the logits. */
function sumsOf(stage: Stage, streamed: boolean): Sums[] {
  const sums = (count: number, width: 2 | 4) => [{ stage: stage.name, count, width, bytes: count * width }];
  if (stage.raw) return sums(elements(stage.shape), 4);
  if (!streamed || intakeOf(stage) === 'window') return [];
  if (stage.op === 'dense') return sums(stage.shape.channels, 4);
  if (stage.op !== 'averagePool') return [];
  const area = stage.window!.kernelY * stage.window!.kernelX;
  return sums(stage.shape.width * stage.shape.channels, area * 255 <= 32767 ? 2 : 4);
}

/** Rows made; a folding stage counts the rows it took, a folding pool both. */
const countersOf = (stage: Stage): string[] => {
  if (intakeOf(stage) === 'window') return [`rows_${stage.name}`];
  return stage.op === 'dense' ? [`taken_${stage.name}`] : [`taken_${stage.name}`, `rows_${stage.name}`];
};

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

function structAlignment(sums: readonly Sums[], counterWidth: number, target: PlanTarget): number {
  return Math.min(target.alignment, Math.max(counterWidth, ...sums.map((each) => each.width)));
}

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;
