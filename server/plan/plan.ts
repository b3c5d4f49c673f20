import type { Stage } from '../network/stage.ts';

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

/** What of a chip shapes a plan. */
export type PlanTarget = {
  /** Alignment of 2- and 4-byte integers in a struct: 1 on AVR, 4 elsewhere. */
  readonly alignment: 1 | 4;
  /** Bounds the stack of the generated code. */
  stackBytes(stages: readonly Stage[]): number;
  /** Predicts the code that a stage becomes, its tables left out; the base is what every network needs. */
  readonly code: CodeSizes;
};

/** Bytes of machine code, fitted to what the compiler made of random networks; see `flash.ts`. */
export type CodeSizes = {
  readonly base: number;
  readonly ops: { readonly [op in Stage['op']]: number };
  /** Per axis on which a window hangs over the border. */
  readonly clipped: number;
  readonly streamed: number;
  readonly furtherInput: number;
  readonly requantized: number;
};
