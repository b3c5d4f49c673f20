import { INPUT } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import type { Intake, Unit } from './plan.ts';

/** Dense layers always fold. Pools do where no input row (pixel) lies under two windows, and it takes less RAM. */
export function intakeOf(stage: Stage, unit: Unit = 'row'): Intake {
  if (stage.op === 'dense') return 'fold';
  return mayFold(stage, unit) && foldBytes(stage, unit) < ringBytes(stage, unit) ? 'fold' : 'window';
}

/** Whether no input row (pixel) of a pool lies under two windows. */
export function mayFold({ op, window }: Stage, unit: Unit): boolean {
  if (op !== 'maxPool' && op !== 'averagePool') return false;
  const { kernelY, strideY, kernelX, strideX } = window!;
  return kernelY <= strideY && (unit === 'row' || kernelX <= strideX);
}

/** What is under a window of a pool. */
function ringBytes({ window, inputShapes: [{ width, channels }] }: Stage, unit: Unit): number {
  const { kernelY, kernelX } = window!;
  return (unit === 'row' ? kernelY * width : (kernelY - 1) * width + kernelX) * channels;
}

/** What arrives and the running results; where rows are streamed a counter more. */
function foldBytes(stage: Stage, unit: Unit): number {
  const { count, width } = runningOf(stage, unit);
  const { height, width: columns, channels } = stage.shape;
  const isOverThem = stage.op === 'averagePool' && height * columns === 1;
  return arrivingBytes(stage, unit) + count * width - (isOverThem ? channels : 0) + (unit === 'row' ? 1 : 0);
}

/** A pixel, or a row of them: but a pixel is left of a row that a stage before makes, where each lies under one window. */
function arrivingBytes({ inputs, inputShapes: [{ width, channels }], window }: Stage, unit: Unit): number {
  const isRow = unit === 'row' && (inputs[0] === INPUT || window!.kernelX > window!.strideX);
  return (isRow ? width : 1) * channels;
}

/** Running results of a pool that folds: how many, and the bytes of each. */
export function runningOf({ op, shape: { height, width, channels }, window }: Stage, unit: Unit): { count: number; width: 1 | 2 | 4 } {
  if (op === 'averagePool') return { count: width * channels, width: window!.kernelY * window!.kernelX * 255 <= 32767 ? 2 : 4 };
  // A row of maxima becomes the output's row; single pixels are kept until they are complete, but where there is only one.
  return { count: unit === 'row' || height * width === 1 ? 0 : width * channels, width: 1 };
}

/**
 * The ring depth, in rows, that each tensor needs when `stages` run as rows of the input arrive: the input's, then the stages' outputs.
 *
 * The schedule is the generated code's own, played through: after each input row the most downstream stage that can run does so, one row
 * at a time, until none can. A depth is the most rows that lie between the newest row of a tensor and the oldest that a reader still needs.
 */
export function ringDepths(
  input: Shape,
  stages: readonly Stage[],
  folds: (stage: Stage) => boolean = (stage) => intakeOf(stage) === 'fold',
): Map<string, number> {
  const flow = new Flow(input, stages, folds);
  for (let row = 0; row < input.height; row++) flow.push();
  return new Map([INPUT, ...stages.map((stage) => stage.name)].map((name, tensor) => [name, flow.depth[tensor]]));
}

/** The state of the row schedule: which rows of each tensor (0: the input, i + 1: stage i's output) exist and are still needed. */
class Flow {
  readonly depth: number[];
  private readonly rows: number[];
  /** Input rows that a folding stage has taken; for the others this is not used. */
  private readonly taken: number[];
  private readonly folds: readonly boolean[];
  private readonly sources: readonly (readonly number[])[];
  private readonly readersOf: readonly (readonly number[])[];
  private readonly stages: readonly Stage[];

  constructor(input: Shape, stages: readonly Stage[], folds: (stage: Stage) => boolean) {
    this.stages = stages;
    const index = new Map([[INPUT, 0], ...stages.map((stage, i) => [stage.name, i + 1] as [string, number])]);
    this.folds = stages.map(folds);
    this.sources = stages.map((stage) => stage.inputs.map((name) => index.get(name)!));
    const readersOf: number[][] = [input, ...stages].map(() => []);
    this.sources.forEach((sources, i) => {
      for (const source of new Set(sources)) readersOf[source].push(i);
    });
    this.readersOf = readersOf;
    this.depth = Array(stages.length + 1).fill(1);
    this.rows = Array(stages.length + 1).fill(0);
    this.taken = Array(stages.length).fill(0);
  }

  /** A row of the input arrives: the most downstream stage that can run does so, until none can. */
  push(): void {
    this.produce(0);
    const waiting = new Waiting(this.stages.length);
    for (const reader of this.readersOf[0]) waiting.add(reader);
    for (let i = waiting.last(); i >= 0; i = waiting.last()) {
      if (!this.ready(i)) {
        waiting.remove(i);
        continue;
      }
      this.fire(i);
      for (const reader of this.readersOf[i + 1]) waiting.add(reader);
    }
  }

  /** A new row begins to be written; it must not fall on a row that a reader still needs. */
  private reserve(tensor: number): void {
    const newest = this.rows[tensor];
    for (const reader of this.readersOf[tensor]) this.depth[tensor] = Math.max(this.depth[tensor], newest + 1 - this.oldestNeeded(reader));
  }

  private produce(tensor: number): void {
    this.reserve(tensor);
    this.rows[tensor]++;
  }

  private ready(i: number): boolean {
    const stage = this.stages[i];
    const arrived = Math.min(...this.sources[i].map((source) => this.rows[source]));
    if (this.folds[i]) return arrived > this.taken[i];
    return this.rows[i + 1] < stage.shape.height && arrived >= rowsNeeded(stage, this.rows[i + 1]);
  }

  private fire(i: number): void {
    const stage = this.stages[i];
    if (!this.folds[i]) {
      this.produce(i + 1);
      return;
    }
    if (this.rows[i + 1] < stage.shape.height) this.reserve(i + 1);
    this.rows[i + 1] = foldedRows(stage, ++this.taken[i]);
  }

  private oldestNeeded(i: number): number {
    const stage = this.stages[i];
    if (this.folds[i]) return this.taken[i];
    const next = this.rows[i + 1];
    if (next >= stage.shape.height) return Number.POSITIVE_INFINITY;
    return stage.window ? Math.max(0, next * stage.window.strideY - stage.window.padTop) : next;
  }
}

/** A set of small integers that knows its largest. */
class Waiting {
  private readonly waits: Uint8Array;
  private top = -1;

  constructor(size: number) {
    this.waits = new Uint8Array(size);
  }

  add(i: number): void {
    this.waits[i] = 1;
    if (i > this.top) this.top = i;
  }

  remove(i: number): void {
    this.waits[i] = 0;
  }

  /** -1 when it is empty. */
  last(): number {
    while (this.top >= 0 && this.waits[this.top] === 0) this.top--;
    return this.top;
  }
}

/** How many input rows must have arrived before a windowed or pointwise stage can compute output row `row`. */
export function rowsNeeded(stage: Stage, row: number): number {
  if (!stage.window) return row + 1;
  const { strideY, padTop, spanY } = stage.window;
  return Math.min(row * strideY - padTop + spanY, stage.inputShapes[0].height);
}

/** How many output rows are complete once a folding stage has taken `taken` input rows. */
export function foldedRows(stage: Stage, taken: number): number {
  const height = stage.inputShapes[0].height;
  if (taken >= height) return stage.shape.height;
  if (!stage.window) return 0;
  const { strideY, padTop, kernelY } = stage.window;
  return Math.max(0, Math.min(stage.shape.height, Math.floor((taken + padTop - kernelY) / strideY) + 1));
}
