import { INPUT } from '../network/network.ts';
import { elements, type Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import { rowCounterNames, rowCounterWidth, widthFor } from './layout.ts';
import { leadOf, mayOverwrite, maySlide } from './overlap.ts';
import { passedOn } from './passing.ts';
import type { PlanTarget, Unit } from './plan.ts';
import { endsWithStreaming, liesOverSums, sumsOf } from './sums.ts';

/**
 * RAM that each cut of a unit takes at least, by the number of streamed stages: what is alive at once, packed without a gap. In one sweep
 * over the stages, so that only cuts worth it need be laid out.
 */
export function leastRam(
  unit: Unit,
  input: Shape,
  stages: readonly Stage[],
  depths: ReadonlyMap<string, number>,
  target: PlanTarget,
): number[] {
  const tensors = tensorsOf(unit, input, stages, depths, passedOn(stages, unit, target), target);
  const apart = wholePeaks(stages, tensors, false);
  const sliding = wholePeaks(stages, tensors, true);
  const endingAt = stages.map((): Tensor[] => []);
  for (const tensor of tensors) endingAt[tensor.last]?.push(tensor);
  let streaming = 0;
  let overSums = 0;
  let beside = 0;
  const rowBytes = rowCounterWidth(input, stages);
  let counters = unit === 'row' ? rowBytes : 0;
  return Array.from({ length: stages.length + 1 }, (_, streamed) => {
    // The tensor that joins is read later; those that end with the last stage that joined shrink to rings.
    const isLogits = streamed > 0 && stages[streamed - 1].raw;
    if (tensors[streamed].over === 'sums beside') overSums += tensors[streamed].whole;
    else if (!isLogits && tensors[streamed].over === undefined) streaming += tensors[streamed].whole;
    if (unit === 'pixel') counters += tensors[streamed].counterBytes;
    if (streamed > 0) {
      const stage = stages[streamed - 1];
      if (unit === 'row') counters += rowBytes * rowCounterNames(stage).length;
      const bytes = sumsOf(stage, unit, target).reduce((total, each) => total + each.bytes, 0);
      if (endsWithStreaming(stage)) streaming += bytes;
      else beside += bytes;
      for (const ending of endingAt[streamed - 1])
        if (ending.over === undefined && ending.ring > 0) streaming += ending.ring - ending.whole;
    }
    const afterwards = maySlide(stages, streamed) ? sliding : apart;
    const arena = Math.max(streaming, afterwards[streamed] - overSums);
    return arena + beside + counters + target.stackBytes(stages, streamed, unit);
  });
}

/** `last` is the stage that reads it last. */
type Tensor = {
  readonly whole: number;
  readonly ring: number;
  readonly last: number;
  readonly counterBytes: number;
  /** It lies over its sums, should it be streamed: those beside the arena, or in it. */
  readonly over?: 'sums beside' | 'sums within';
};

function tensorsOf(
  unit: Unit,
  input: Shape,
  stages: readonly Stage[],
  depths: ReadonlyMap<string, number>,
  passed: ReadonlyMap<string, string>,
  target: PlanTarget,
): Tensor[] {
  const lastReader = new Map(stages.flatMap((stage, i) => stage.inputs.map((name) => [name, i] as const)));
  const tensor = (name: string, shape: Shape, stage?: Stage): Tensor => {
    const raw = stage?.raw ?? false;
    const dense = stage?.op === 'dense';
    const over = stage && liesOverSums(stage, unit) ? (endsWithStreaming(stage) ? 'sums within' : 'sums beside') : undefined;
    const { height, width, channels } = shape;
    const ring = passed.has(name)
      ? channels
      : unit === 'row'
        ? Math.min(depths.get(name)!, height) * width * channels
        : Math.min(depths.get(name)!, height * width) * channels;
    const counterBytes = dense ? 0 : widthFor(height) + (width > 1 ? widthFor(width) : 0);
    const bytes = raw ? { whole: sumsOf(stage!, undefined, target)[0].bytes, ring: 0 } : { whole: elements(shape), ring };
    return { ...bytes, over, counterBytes, last: lastReader.get(name) ?? stages.length - 1 };
  };
  return [tensor(INPUT, input), ...stages.map((stage) => tensor(stage.name, stage.shape, stage))];
}

/** The most bytes alive while one of the stages from each on runs over whole tensors. */
function wholePeaks(stages: readonly Stage[], tensors: readonly Tensor[], slide: boolean): number[] {
  const begins = [tensors[0].whole, ...stages.map(() => 0)];
  const ends = stages.map(() => 0);
  tensors.forEach(({ whole, last }, i) => {
    if (i > 0) begins[i - 1] += whole;
    ends[last] += whole;
  });
  let alive = 0;
  const peaks = stages.map((stage, i) => {
    alive += begins[i];
    const lead = mayOverwrite(stage) ? 0 : slide ? leadOf(stage) : undefined;
    const needed = lead ?? tensors[i + 1].whole;
    const now = alive - tensors[i + 1].whole + needed;
    alive -= ends[i];
    return now;
  });
  for (let i = peaks.length - 2; i >= 0; i--) peaks[i] = Math.max(peaks[i], peaks[i + 1]);
  return [...peaks, 0];
}
