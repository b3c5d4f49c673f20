import { INPUT } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';

/**
 * The ring depth, in pixels, that each tensor needs when `stages` run as pixels of the input arrive, row after row: the input's, then the
 * stages' outputs. A tensor's pixels are numbered through its rows, and a ring keeps the latest of them.
 *
 * After each pixel the most downstream stage that can make one does so, until none can; stages that fold take a pixel as it is made. So
 * when a tensor's pixel is about to be written, everything that follows from the ones before it has been computed, and depths follow from
 * which pixels need which. `test/plan/pixels.test.ts` plays the schedule through.
 */
export function pixelDepths(input: Shape, stages: readonly Stage[], folds: (stage: Stage) => boolean): Map<string, number> {
  const graph = new Graph(input, stages, folds);
  const depths = [input, ...stages.map((stage) => stage.shape)].map(() => 1);
  stages.forEach((stage, i) => {
    const sources = [...new Set(stage.inputs.map((name) => graph.index.get(name)!))];
    if (folds(stage)) return;
    for (const source of sources) {
      const depth = stage.window ? windowPixels(stage) : joinDepth(graph, i, source, sources);
      depths[source] = Math.max(depths[source], depth);
    }
  });
  return new Map([...graph.index].map(([name, tensor]) => [name, depths[tensor]]));
}

/** Pixels from the oldest that is still needed to the newest that an output needs, at the most. */
export function windowPixels(stage: Stage): number {
  const { padTop, padLeft, strideY, strideX, rows, columns } = stage.window!;
  const { width } = stage.inputShapes[0];
  const first = (at: number, stride: number, pad: number) => Math.max(0, at * stride - pad);
  let columnSpan = 0;
  for (let x = 0; x < columns; x++) columnSpan = Math.max(columnSpan, lastColumn(stage, x) - first(x, strideX, padLeft));
  let depth = 0;
  for (let y = 0; y < rows; y++) {
    depth = Math.max(depth, (lastRow(stage, y) - first(y, strideY, padTop)) * width + columnSpan + 1);
    // Windows of the row below begin farther left; where both begin above the input, that is farther back.
    if (y + 1 < rows)
      depth = Math.max(depth, (lastRow(stage, y) - first(y + 1, strideY, padTop)) * width + lastColumn(stage, columns - 1) + 1);
  }
  return depth;
}

/** The last row of the input that output row `y` needs. */
export const lastRow = ({ window, inputShapes: [input] }: Stage, y: number): number =>
  window ? Math.min(input.height - 1, y * window.strideY - window.padTop + window.spanY - 1) : y;

/** The last column of the input that output column `x` needs. */
export const lastColumn = ({ window, inputShapes: [input] }: Stage, x: number): number =>
  window ? Math.min(input.width - 1, x * window.strideX - window.padLeft + window.spanX - 1) : x;

/** A dense layer that takes its input pixel by pixel, as one whose input is a column of pixels. */
export function inPixels<Dense extends Stage>(stage: Dense): Dense {
  const [{ height, width, channels }] = stage.inputShapes;
  return { ...stage, inputShapes: [{ height: height * width, width: 1, channels }] };
}

/** How far the pixels of one input of a join are ahead of those it waits for. */
function joinDepth(graph: Graph, join: number, source: number, sources: readonly number[]): number {
  const others = sources.filter((other) => other !== source);
  let depth = 1;
  if (others.length === 0) return depth;
  const consumed = others.map((other) => graph.countsBefore(other, source));
  for (let pixel = 0; pixel < graph.pixels[join + 1]; pixel++)
    depth = Math.max(depth, pixel + 1 - Math.min(pixel, ...consumed.map((counts) => counts[pixel])));
  return depth;
}

/** The tensors (0: the input, i + 1: stage i's output) and when their pixels are made. */
class Graph {
  readonly index: ReadonlyMap<string, number>;
  readonly pixels: readonly number[];
  private readonly stages: readonly Stage[];
  private readonly sources: readonly (readonly number[])[];
  private readonly folds: (stage: Stage) => boolean;
  /** The closest tensor through which all of a tensor's inputs come. */
  private readonly dominator: number[] = [0];

  constructor(input: Shape, stages: readonly Stage[], folds: (stage: Stage) => boolean) {
    this.stages = stages;
    this.folds = folds;
    this.index = new Map([[INPUT, 0], ...stages.map((stage, i) => [stage.name, i + 1] as [string, number])]);
    this.pixels = [input, ...stages.map((stage) => stage.shape)].map(({ height, width }) => height * width);
    this.sources = [[], ...stages.map((stage) => [...new Set(stage.inputs.map((name) => this.index.get(name)!))])];
    for (let tensor = 1; tensor <= stages.length; tensor++)
      this.dominator.push(this.sources[tensor].reduce((a, b) => this.commonDominator(a, b)));
  }

  private commonDominator(a: number, b: number): number {
    let [x, y] = [a, b];
    while (x !== y) [x, y] = x > y ? [this.dominator[x], y] : [x, this.dominator[y]];
    return x;
  }

  /** For each pixel of `tensor`: how many of `other` are there for certain when it is about to be written. */
  countsBefore(other: number, tensor: number): Int32Array {
    const origin = this.commonDominator(other, tensor);
    const timesOf = this.timesFrom(origin);
    const times = timesOf(tensor);
    const arrivals = timesOf(other);
    const atOnce = origin !== tensor && (origin === other || this.runsFirst(other, tensor, origin));
    const counts = new Int32Array(times.length);
    let count = 0;
    for (let pixel = 0; pixel < times.length; pixel++) {
      while (count < arrivals.length && (arrivals[count] < times[pixel] || (atOnce && arrivals[count] === times[pixel]))) count++;
      counts[pixel] = count;
    }
    return counts;
  }

  /** For each pixel of a tensor that `origin` dominates: the pixel of `origin` that makes it possible. */
  private timesFrom(origin: number): (tensor: number) => Int32Array {
    const known = new Map([[origin, Int32Array.from({ length: this.pixels[origin] }, (_, i) => i)]]);
    const timesOf = (tensor: number): Int32Array => {
      const before = known.get(tensor);
      if (before) return before;
      const stage = this.stages[tensor - 1];
      const inputs = this.sources[tensor].map(timesOf);
      const times = new Int32Array(this.pixels[tensor]);
      let latest = 0;
      for (let y = 0, pixel = 0; y < stage.shape.height; y++)
        for (let x = 0; x < stage.shape.width; x++, pixel++) {
          const needed = stage.op === 'dense' ? undefined : lastRow(stage, y) * stage.inputShapes[0].width + lastColumn(stage, x);
          for (const input of inputs) latest = Math.max(latest, input[needed ?? input.length - 1]);
          times[pixel] = latest;
        }
      known.set(tensor, times);
      return times;
    };
    return timesOf;
  }

  /** Whether every way from `origin` to `a` is taken before any to `b`, once a pixel of `origin` is there. */
  private runsFirst(a: number, b: number, origin: number): boolean {
    return Math.min(...this.entries(a, origin)) > Math.max(...this.entries(b, origin));
  }

  /** The stages that read `origin` on the way to `tensor`: the later in the network the sooner they run, folds before all. */
  private entries(tensor: number, origin: number): number[] {
    const seen = new Set([tensor]);
    const entries: number[] = [];
    for (const each of seen)
      for (const source of this.sources[each]) {
        if (source === origin) entries.push(this.folds(this.stages[each - 1]) ? Number.POSITIVE_INFINITY : each);
        else seen.add(source);
      }
    return entries;
  }
}
