import { INPUT } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import type { Intake, Unit } from './plan.ts';

/** Pools fold when no input row (pixel) lies under two windows; dense layers always fold. */
export function intakeOf(stage: Stage, unit: Unit = 'row'): Intake {
  if (stage.op === 'dense') return 'fold';
  if (stage.op !== 'maxPool' && stage.op !== 'averagePool') return 'window';
  const { kernelY, strideY, kernelX, strideX } = stage.window!;
  if (unit === 'row') return kernelY <= strideY ? 'fold' : 'window';
  // In one row a ring of the few pixels under the window is smaller than a row of running results.
  return kernelY > 1 && kernelY <= strideY && kernelX <= strideX ? 'fold' : 'window';
}

/**
 * The ring depth, in rows, that each tensor needs when `stages` run as rows of the input arrive: the input's, then the stages' outputs.
 *
 * The schedule is the generated code's own, played through: after each input row the most downstream stage that can run does so, one row
 * at a time, until none can. A depth is the most rows that lie between the newest row of a tensor and the oldest that a reader still needs.
 */
export function ringDepths(input: Shape, stages: readonly Stage[]): Map<string, number> {
  const flow = new Flow(input, stages);
  for (let row = 0; row < input.height; row++) {
    flow.produce(0);
    while (flow.fireOne());
  }
  return new Map([INPUT, ...stages.map((stage) => stage.name)].map((name, tensor) => [name, flow.depth[tensor]]));
}

/** The state of the row schedule: which rows of each tensor (0: the input, i + 1: stage i's output) exist and are still needed. */
class Flow {
  readonly depth: number[];
  private readonly rows: number[];
  /** Input rows that a folding stage has taken; for the others this is not used. */
  private readonly taken: number[];
  private readonly sources: number[][];
  private readonly readersOf: number[][];
  private readonly stages: readonly Stage[];

  constructor(input: Shape, stages: readonly Stage[]) {
    this.stages = stages;
    const index = new Map([[INPUT, 0], ...stages.map((stage, i) => [stage.name, i + 1] as [string, number])]);
    this.sources = stages.map((stage) => stage.inputs.map((name) => index.get(name)!));
    this.readersOf = [input, ...stages].map((_, tensor) => stages.flatMap((_, i) => (this.sources[i].includes(tensor) ? [i] : [])));
    this.depth = Array(stages.length + 1).fill(1);
    this.rows = Array(stages.length + 1).fill(0);
    this.taken = Array(stages.length).fill(0);
  }

  /** A new row begins to be written; it must not fall on a row that a reader still needs. */
  private reserve(tensor: number): void {
    const newest = this.rows[tensor];
    for (const reader of this.readersOf[tensor]) this.depth[tensor] = Math.max(this.depth[tensor], newest + 1 - this.oldestNeeded(reader));
  }

  produce(tensor: number): void {
    this.reserve(tensor);
    this.rows[tensor]++;
  }

  fireOne(): boolean {
    for (let i = this.stages.length - 1; i >= 0; i--) {
      if (!this.ready(i)) continue;
      this.fire(i);
      return true;
    }
    return false;
  }

  private ready(i: number): boolean {
    const stage = this.stages[i];
    const arrived = Math.min(...this.sources[i].map((source) => this.rows[source]));
    if (intakeOf(stage) === 'fold') return arrived > this.taken[i];
    return this.rows[i + 1] < stage.shape.height && arrived >= rowsNeeded(stage, this.rows[i + 1]);
  }

  private fire(i: number): void {
    const stage = this.stages[i];
    if (intakeOf(stage) === 'window') {
      this.produce(i + 1);
      return;
    }
    if (this.rows[i + 1] < stage.shape.height) this.reserve(i + 1);
    this.rows[i + 1] = foldedRows(stage, ++this.taken[i]);
  }

  private oldestNeeded(i: number): number {
    const stage = this.stages[i];
    if (intakeOf(stage) === 'fold') return this.taken[i];
    const next = this.rows[i + 1];
    if (next >= stage.shape.height) return Number.POSITIVE_INFINITY;
    return stage.window ? Math.max(0, next * stage.window.strideY - stage.window.padTop) : next;
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
