import { INPUT } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import { type Block, mostAlive, pack } from './arena.ts';
import { pixelDepths } from './pixels.ts';
import type { Buffer, Counter, Cut, Plan, PlanTarget, Unit } from './plan.ts';
import { intakeOf, ringDepths } from './stream.ts';
import { sumsOf } from './sums.ts';

/** What a plan costs and where its buffers lie; the rest of it is told once it is chosen. */
export type Layout = Omit<Plan, 'stages' | 'peak'> & { readonly inPlace: ReadonlySet<string> };

/** How many units of each tensor a ring must hold when every stage is streamed. */
export const depthsOf = (unit: Unit, input: Shape, stages: readonly Stage[]): ReadonlyMap<string, number> =>
  unit === 'row' ? ringDepths(input, stages) : pixelDepths(input, stages, (stage) => intakeOf(stage, 'pixel') === 'fold');

/** Lays a cut out; undefined when it takes `limit` bytes or more. `depths` are the unit's, of all stages. */
export function layout(
  cut: Cut,
  input: Shape,
  stages: readonly Stage[],
  depths: ReadonlyMap<string, number>,
  target: PlanTarget,
  limit = Number.POSITIVE_INFINITY,
): Layout | undefined {
  const { unit, streamed } = cut;
  const tensors = placeTensors(cut, input, stages, depths);
  const sums = stages.flatMap((stage, i) => sumsOf(stage, i < streamed ? unit : undefined, target));
  const counters = unit === 'row' ? rowCounters(input, stages, streamed) : pixelCounters(input, stages, streamed, tensors.buffers);
  const overhead = overheadOf({ sums, counters });
  const stackBytes = target.stackBytes(stages, streamed, unit);
  if (overhead + mostAlive(tensors.blocks) + stackBytes >= limit) return undefined;
  const packing = pack(tensors.blocks);
  const widest = Math.max(1, ...[...sums, ...counters].map(({ width }) => width));
  const stateBytes = alignUp(overhead + packing.bytes, Math.min(target.alignment, widest));
  const ramBytes = stateBytes + stackBytes;
  if (ramBytes >= limit) return undefined;
  const buffers = tensors.buffers.map(({ block, ...buffer }) => ({ ...buffer, offset: packing.offsets[block] }));
  const { inPlace } = tensors;
  const machine = target.machine?.(stages, cut);
  const made = { unit, streamed, buffers, sums, arenaBytes: packing.bytes, counters, stateBytes, stackBytes, ramBytes, inPlace };
  return machine ? { ...made, machine } : made;
}

/** Bytes of the state beside the arena. */
export const overheadOf = ({ sums, counters }: Pick<Plan, 'sums' | 'counters'>): number =>
  sums.reduce((total, each) => total + each.bytes, 0) + counters.reduce((total, each) => total + each.width, 0);

/** Phase 0 streams, phase i runs the i-th stage over whole tensors. */
export const phaseOf = (stage: number, { streamed }: Cut): number => (stage < streamed ? 0 : stage - streamed + 1);

type Placed = Omit<Buffer, 'offset'> & { readonly block: number };

/** Every tensor's buffer with its life, grouped into blocks that share an offset. Raw stages have sums in place of a buffer. */
function placeTensors(cut: Cut, input: Shape, stages: readonly Stage[], depths: ReadonlyMap<string, number>) {
  const lastReader = new Map(stages.flatMap((stage, i) => stage.inputs.map((name) => [name, i] as const)));
  const buffers: Placed[] = [];
  const known = new Map<string, Placed>();
  const blocks: { bytes: number; from: number; until: number }[][] = [];
  const inPlace = new Set<string>();
  const place = (tensor: string, { height, width, channels }: Shape, from: number, over?: Placed) => {
    const until = phaseOf(lastReader.get(tensor) ?? stages.length - 1, cut);
    const [units, unitBytes] = cut.unit === 'row' ? [height, width * channels] : [height * width, channels];
    const depth = until > 0 ? units : Math.min(depths.get(tensor)!, units);
    const buffer = { tensor, depth, unitBytes, bytes: depth * unitBytes, from, until, block: over?.block ?? blocks.length };
    buffers.push(buffer);
    known.set(tensor, buffer);
    // An output in place takes over as its input ends: no larger, so it needs nothing more in their common phase.
    const interval = { bytes: buffer.bytes, from: over ? from + 0.5 : from, until };
    if (over) blocks[over.block].push(interval);
    else blocks.push([interval]);
  };
  place(INPUT, input, 0);
  stages.forEach((stage, i) => {
    if (stage.raw) return;
    const phase = phaseOf(i, cut);
    const over = phase > 0 ? overwritten(stage, phase, known) : undefined;
    if (over) inPlace.add(stage.name);
    place(stage.name, stage.shape, phase, over);
  });
  return { buffers, blocks: blocks as Block[], inPlace };
}

/** Whether a stage over whole tensors may write its output over one of its inputs, element by element. */
export function mayOverwrite({ op, window }: Stage): boolean {
  const pool = (op === 'maxPool' || op === 'averagePool') && window?.padTop === 0 && window.padLeft === 0;
  return pool || op === 'relu' || op === 'add';
}

/** The input buffer that a stage over whole tensors writes its output over. */
function overwritten(stage: Stage, phase: number, buffers: ReadonlyMap<string, Placed>): Placed | undefined {
  if (!mayOverwrite(stage)) return undefined;
  const inputs = stage.inputs.map((name) => buffers.get(name)!);
  return inputs.find((buffer) => buffer.until === phase && inputs.filter((other) => other === buffer).length === 1);
}

/** Rows made; a folding stage counts the rows it took, a folding pool both. */
export function rowCounters(input: Shape, stages: readonly Stage[], streamed: number): Counter[] {
  const width = Math.max(input.height, ...stages.map((stage) => stage.shape.height)) > 255 ? 2 : 1;
  const countersOf = (stage: Stage): string[] => {
    if (intakeOf(stage) === 'window') return [`rows_${stage.name}`];
    return stage.op === 'dense' ? [`taken_${stage.name}`] : [`taken_${stage.name}`, `rows_${stage.name}`];
  };
  return [`rows_${INPUT}`, ...stages.slice(0, streamed).flatMap(countersOf)].map((name) => ({ name, width }));
}

/** Of each tensor the row and column of the next pixel and, in a ring, its place there. */
function pixelCounters(input: Shape, stages: readonly Stage[], streamed: number, buffers: readonly Placed[]): Counter[] {
  const first = stages.slice(0, streamed);
  const isAwaited = ({ name }: Stage) => first.some((reader) => intakeOf(reader, 'pixel') === 'window' && reader.inputs.includes(name));
  const tensors: [string, Shape][] = [
    [INPUT, input],
    // A dense layer's output is there at once.
    ...first.filter((stage) => stage.op !== 'dense' || isAwaited(stage)).map((stage): [string, Shape] => [stage.name, stage.shape]),
  ];
  return tensors.flatMap(([name, { height, width }]) => {
    const depth = buffers.find((buffer) => buffer.tensor === name)?.depth ?? 1;
    const counters: Counter[] = [{ name: `y_${name}`, width: widthFor(height) }];
    if (width > 1) counters.push({ name: `x_${name}`, width: widthFor(width) });
    if (depth > 1 && depth < height * width) counters.push({ name: `at_${name}`, width: widthFor(depth - 1) });
    return counters;
  });
}

export const widthFor = (most: number): 1 | 2 => (most > 255 ? 2 : 1);

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;
