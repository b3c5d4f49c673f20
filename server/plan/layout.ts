import { INPUT } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import { type Block, type Interval, mostAlive, pack } from './arena.ts';
import { leadOf, mayOverwrite, maySlide } from './overlap.ts';
import { passedOn } from './passing.ts';
import { pixelDepths } from './pixels.ts';
import type { Buffer, Counter, Cut, Plan, PlanTarget, Sums, Unit } from './plan.ts';
import { intakeOf, ringDepths } from './stream.ts';
import { allSums, liesOverSums, sumsOffset } from './sums.ts';

/** What a plan costs and where its buffers lie; the rest of it is told once it is chosen. */
export type Layout = Omit<Plan, 'stages' | 'peak'> & { readonly inPlace: ReadonlySet<number>; readonly overlapped: ReadonlySet<number> };

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
  const passed = passedOn(stages, unit, target);
  const unplaced = allSums(stages, cut, target);
  const options = { passed, sums: unplaced };
  const tensors = placeTensors(cut, input, stages, depths, () => maySlide(stages, streamed), options);
  const counters = unit === 'row' ? rowCounters(input, stages, streamed) : pixelCounters(input, stages, streamed, tensors.buffers);
  const overhead = overheadOf({ sums: unplaced, counters });
  const stackBytes = target.stackBytes(stages, streamed, unit);
  const bound = mostAlive(tensors.blocks);
  if (overhead + bound + stackBytes >= limit) return undefined;
  const { placed, offsets, bytes, inPlace, overlapped } = tightest(tensors, bound, (slides) =>
    placeTensors(cut, input, stages, depths, slides, options),
  );
  const sums = unplaced.map((each) => (each.phase === undefined ? each : { ...each, offset: offsets.get(each.stage)! }));
  const overSums = tensors.overSums.map((buffer) => ({ ...buffer, offset: sumsOffset(buffer.tensor, { sums, counters }) - overhead }));
  const buffers = [...placed, ...overSums];
  const widest = Math.max(1, ...[...sums, ...counters].map(({ width }) => width));
  const alignment = Math.min(target.alignment, widest);
  // The arena is aligned for the sums that lie in it.
  const widestWithin = Math.max(1, ...sums.map((each) => (each.phase === undefined ? 1 : each.width)));
  const stateBytes = alignUp(alignUp(overhead, Math.min(target.alignment, widestWithin)) + bytes, alignment);
  const ramBytes = stateBytes + stackBytes;
  if (ramBytes >= limit) return undefined;
  const machine = target.machine?.(stages, cut);
  const made = { unit, streamed, buffers, sums, arenaBytes: bytes, counters, stateBytes, stackBytes, ramBytes, inPlace, overlapped };
  return machine ? { ...made, machine } : made;
}

type Placement = ReturnType<typeof placeTensors>;

/**
 * The placement in which those of the stages slide that take least together: tensors that slide lie one before the other, and that may take
 * more than it saves. All choices are tried.
 */
function tightest(sliding: Placement, bound: number, place: (slides: (stage: number) => boolean) => Placement) {
  let best = packed(sliding)!;
  const able = [...sliding.sliding];
  for (let subset = 2 ** able.length - 2; subset >= 0 && best.bytes > bound; subset--) {
    best =
      packed(
        place((stage) => (subset >> able.indexOf(stage)) % 2 === 1),
        best.bytes,
      ) ?? best;
  }
  return best;
}

function packed({ buffers, blocks, blockOf, alignments, inPlace, sliding: overlapped }: Placement, limit = Number.POSITIVE_INFINITY) {
  if (mostAlive(blocks) >= limit) return undefined;
  const packing = pack(blocks, alignments, limit);
  if (!packing) return undefined;
  const { offsets, bytes } = packing;
  return {
    placed: buffers.map(({ block, shift, ...buffer }) => ({ ...buffer, offset: offsets[block] + shift })),
    offsets: new Map([...blockOf].map(([stage, block]) => [stage, offsets[block]])),
    bytes,
    inPlace,
    overlapped,
  };
}

/** Bytes of the state beside the arena. */
export const overheadOf = ({ sums, counters }: Pick<Plan, 'sums' | 'counters'>): number =>
  sums.reduce((total, each) => total + (each.phase === undefined ? each.bytes : 0), 0) +
  counters.reduce((total, each) => total + each.width, 0);

/** Phase 0 streams, phase i runs the i-th stage over whole tensors. */
export const phaseOf = (stage: number, { streamed }: Cut): number => (stage < streamed ? 0 : stage - streamed + 1);

type Placed = Omit<Buffer, 'offset'> & { readonly block: number; readonly shift: number };

/** Every tensor's buffer and the sums in the arena with their lives, grouped into blocks that lie together. Raw stages have sums in place of a buffer. */
export function placeTensors(
  cut: Cut,
  input: Shape,
  stages: readonly Stage[],
  depths: ReadonlyMap<string, number>,
  slides: (stage: number) => boolean,
  { passed = new Map(), sums = [] }: { passed?: ReadonlyMap<string, string>; sums?: readonly Sums[] } = {},
) {
  const lastReader = new Map(stages.flatMap((stage, i) => stage.inputs.map((name) => [name, i] as const)));
  const known = new Map<string, Placed>();
  const overSums: Omit<Buffer, 'offset'>[] = [];
  /** Of sums by stage. */
  const blockOf = new Map<string, number>();
  const alignments = new Map<number, number>();
  const blocks: Required<Interval>[][] = [];
  const inPlace = new Set<number>();
  const sliding = new Set<number>();
  const place = (tensor: string, { height, width, channels }: Shape, from: number, over?: { buffer: Placed; lead: number }) => {
    const until = phaseOf(lastReader.get(tensor) ?? stages.length - 1, cut);
    const isPassed = until === 0 && passed.has(tensor);
    const [units, unitBytes] = isPassed ? [1, channels] : cut.unit === 'row' ? [height, width * channels] : [height * width, channels];
    const depth = until > 0 ? units : Math.min(depths.get(tensor)!, units);
    const { block, shift } = over ? { block: over.buffer.block, shift: over.buffer.shift - over.lead } : { block: blocks.length, shift: 0 };
    const buffer = { tensor, depth, unitBytes, bytes: depth * unitBytes, from, until, block, shift, ...(isPassed && { isPassed }) };
    known.set(tensor, buffer);
    if (!over) blocks.push([]);
    // An output over its input needs no more than its lead while both are there.
    if (over && over.lead > 0) blocks[block].push({ bytes: over.lead, from, until: from, shift });
    blocks[block].push({ bytes: buffer.bytes, from: over ? from + 0.5 : from, until, shift });
  };
  place(INPUT, input, 0);
  stages.forEach((stage, i) => {
    const own = sums.find((each) => each.stage === stage.name && each.phase !== undefined);
    if (own) {
      blockOf.set(stage.name, blocks.length);
      // Where integers need no alignment too: the same C is compiled for other cores.
      alignments.set(blocks.length, own.width);
      blocks.push([{ bytes: own.bytes, from: own.phase!, until: own.phase!, shift: 0 }]);
    }
    if (stage.raw) return;
    const phase = phaseOf(i, cut);
    if (phase === 0 && liesOverSums(stage, cut.unit)) {
      const { channels } = stage.shape;
      const until = phaseOf(lastReader.get(stage.name) ?? stages.length - 1, cut);
      const buffer = { tensor: stage.name, depth: 1, unitBytes: channels, bytes: channels, from: 0, until, isOverSums: true } as const;
      if (!own) overSums.push(buffer);
      else {
        known.set(stage.name, { ...buffer, block: blocks.length - 1, shift: 0 });
        blocks[blocks.length - 1].push({ bytes: channels, from: 0.5, until, shift: 0 });
      }
      return;
    }
    const over = phase > 0 ? overwritten(stage, phase, known, slides(i)) : undefined;
    if (over) (over.lead > 0 ? sliding : inPlace).add(i);
    place(stage.name, stage.shape, phase, over);
  });
  const first = blocks.map((block) => Math.min(...block.map(({ shift }) => shift)));
  return {
    buffers: [...known.values()].map((buffer) => ({ ...buffer, shift: buffer.shift - first[buffer.block] })),
    blocks: blocks.map((block, i): Block => block.map((interval) => ({ ...interval, shift: interval.shift - first[i] }))),
    overSums,
    blockOf,
    alignments,
    inPlace,
    sliding,
  };
}

/** The input buffer that a stage over whole tensors writes its output over, and by how much that begins before it. */
function overwritten(stage: Stage, phase: number, buffers: ReadonlyMap<string, Placed>, slides: boolean) {
  const lead = mayOverwrite(stage) ? 0 : slides ? leadOf(stage) : undefined;
  if (lead === undefined) return undefined;
  const inputs = stage.inputs.map((name) => buffers.get(name));
  const buffer = inputs.find((each) => each?.until === phase && inputs.filter((other) => other === each).length === 1);
  // What lies over sums is aligned as they are.
  return buffer && !(lead > 0 && buffer.isOverSums) ? { buffer, lead } : undefined;
}

function rowCounters(input: Shape, stages: readonly Stage[], streamed: number): Counter[] {
  const width = rowCounterWidth(input, stages);
  return [`rows_${INPUT}`, ...stages.slice(0, streamed).flatMap(rowCounterNames)].map((name) => ({ name, width }));
}

export const rowCounterWidth = (input: Shape, stages: readonly Stage[]): 1 | 2 =>
  widthFor(Math.max(input.height, ...stages.map((stage) => stage.shape.height)));

/** Rows made; a folding stage counts the rows it took, a folding pool both. */
export function rowCounterNames(stage: Stage): string[] {
  if (intakeOf(stage) === 'window') return [`rows_${stage.name}`];
  return stage.op === 'dense' ? [`taken_${stage.name}`] : [`taken_${stage.name}`, `rows_${stage.name}`];
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
