import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';

/** In what the input is delivered and the streamed stages work: rows of a tensor, or its pixels one after the other through the rows. */
export type Unit = 'row' | 'pixel';

/** How a stage runs: while input rows arrive, or over whole tensors afterwards, perhaps writing over its own input. */
export type Form = 'row-streamed' | 'whole' | 'in place';

/**
 * How a stage takes its input. `window`: computes an output row once all rows under its kernel are there. `fold`: takes each input row
 * once, as it appears, into running results (dense layers, pools whose windows do not overlap).
 */
export type Intake = 'window' | 'fold';

/** A tensor's place in the arena: `depth` rows used as a ring (all rows when it is whole). */
export type Buffer = {
  /** A stage's name or `input`. */
  readonly tensor: string;
  readonly depth: number;
  readonly rowBytes: number;
  readonly bytes: number;
  readonly offset: number;
  /** First and last phase that needs it: phase 0 streams, phase i runs the i-th whole stage. */
  readonly from: number;
  readonly until: number;
};

/** Running sums of a folding stage, kept beside the arena: `count` integers of `width` bytes. */
export type Sums = { readonly stage: string; readonly count: number; readonly width: 2 | 4; readonly bytes: number };

export type StagePlan = {
  readonly stage: Stage;
  readonly form: Form;
  readonly intake: Intake;
  /** RAM that this stage adds: its output's buffer (none when in place) and its sums. */
  readonly bufferBytes: number;
  /** Bytes of the state in use while it runs: live buffers, all sums, counters. */
  readonly liveBytes: number;
};

/**
 * Where everything lies while the network runs. The plan that prices a candidate is the plan that the generated C follows and the
 * simulated chip confirms. The input is delivered row by row, each row written straight into its buffer.
 */
export type Plan = {
  /** This many stages, from the first, are row-streamed. */
  readonly streamed: number;
  readonly stages: readonly StagePlan[];
  readonly buffers: readonly Buffer[];
  readonly sums: readonly Sums[];
  readonly arenaBytes: number;
  /** Row counters of the input and of the streamed stages, `counterWidth` bytes each. */
  readonly counters: readonly string[];
  readonly counterWidth: 1 | 2;
  /** sizeof the caller-owned state struct. */
  readonly stateBytes: number;
  /** Deepest stack of init, push_row and result together with what they call. */
  readonly stackBytes: number;
  /** stateBytes + stackBytes. */
  readonly ramBytes: number;
  /** The stage whose `liveBytes` is largest. */
  readonly peak: string;
};

/** Non-zero weights of a stage, biases left out. */
export type NonZeros = (stage: Stage) => number;

/** What of a chip shapes a plan. */
export type PlanTarget = {
  /** Alignment of 2- and 4-byte integers in a struct: 1 on AVR, 4 elsewhere. */
  readonly alignment: 1 | 4;
  /** Whether weights may be written as code in place of a table. */
  readonly weightsInCode: boolean;
  /** Bounds the stack of the generated code when the first `streamed` stages are row-streamed. */
  stackBytes(stages: readonly Stage[], streamed: number): number;
  /** Predicts the machine code of a whole network, tables left out. */
  codeBytes(stages: readonly Stage[], streamed: number): number;
  /** Predicts the cycles of one inference, where that was measured. */
  cycles?(input: Shape, stages: readonly Stage[], streamed: number, nonZeros: NonZeros): number;
};
