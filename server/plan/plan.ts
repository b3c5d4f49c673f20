import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';

/** In what the input is delivered and the streamed stages work: rows of a tensor, or its pixels one after the other through the rows. */
export type Unit = 'row' | 'pixel';

/**
 * How a stage runs: while rows or pixels arrive, or over whole tensors afterwards, perhaps writing over its own input: element over element,
 * or sliding over the rows that are done with.
 */
export type Form = 'row-streamed' | 'pixel-streamed' | 'whole' | 'in place' | 'overlapped';

/**
 * How a stage takes its input. `window`: computes an output row once all rows under its kernel are there. `fold`: takes each input row
 * once, as it appears, into running results (dense layers, pools whose windows do not overlap).
 */
export type Intake = 'window' | 'fold';

/** A tensor's place in the arena: `depth` units used as a ring (all of them when it is whole). */
export type Buffer = {
  /** A stage's name or `input`. */
  readonly tensor: string;
  readonly depth: number;
  /** Bytes of a row, or of a pixel. */
  readonly unitBytes: number;
  readonly bytes: number;
  readonly offset: number;
  /** First and last phase that needs it: phase 0 streams, phase i runs the i-th whole stage. */
  readonly from: number;
  readonly until: number;
  /** Rows are streamed, but only a pixel is kept: a dense layer or a pool takes it at once. */
  readonly isPassed?: true;
  /** It lies over the running sums that it is made from, each byte where its sum has been read; `offset` is that of the sums from the arena on, below zero where they lie beside it. */
  readonly isOverSums?: true;
};

/** Running results of a folding stage, kept beside the arena: `count` integers of `width` bytes. */
export type Sums = {
  readonly stage: string;
  readonly count: number;
  readonly width: 1 | 2 | 3 | 4;
  readonly bytes: number;
  /** They lie in the arena in this phase, `offset` bytes into it: those of pools while stages are streamed, logits that are made over whole tensors in the end. */
  readonly phase?: number;
  readonly offset?: number;
};

/** A field of the state that keeps the schedule: `width` bytes. */
export type Counter = { readonly name: string; readonly width: 1 | 2 };

/** The first `streamed` stages run as units of the input arrive, the others over whole tensors. */
export type Cut = { readonly unit: Unit; readonly streamed: number };

/** How machine code is written. */
export type MachineCode = {
  /** Of a Cortex-M0+; of an AVR without it. */
  readonly core?: 'thumb';
  /** Convolutions of at most so many weights have them as instructions; on a Cortex-M0+ any stage of so many has them in pairs. */
  readonly mostInCode: number;
  /** Registers for sums: fewer need less stack and more time. */
  readonly sumRegisters: number;
};

export type StagePlan = {
  readonly stage: Stage;
  readonly form: Form;
  readonly intake: Intake;
  /** RAM that this stage adds: its output's buffer (none when in place, what it begins before its input when overlapped) and its sums. */
  readonly bufferBytes: number;
  /** Bytes of the state in use while it runs: live buffers, all sums, counters. */
  readonly liveBytes: number;
};

/**
 * Where everything lies while the network runs. The plan that prices a candidate is the plan that the generated C follows and the
 * simulated chip confirms. The input is delivered unit by unit, each written straight into its buffer.
 */
export type Plan = Cut & {
  readonly stages: readonly StagePlan[];
  readonly buffers: readonly Buffer[];
  readonly sums: readonly Sums[];
  readonly arenaBytes: number;
  /** Of the input and of the streamed stages. */
  readonly counters: readonly Counter[];
  /** sizeof the caller-owned state struct. */
  readonly stateBytes: number;
  /** Deepest stack of init, push_row (push_pixel) and result together with what they call. */
  readonly stackBytes: number;
  /** stateBytes + stackBytes. */
  readonly ramBytes: number;
  /** The stage whose `liveBytes` is largest. */
  readonly peak: string;
  /** Weights lie in as few bytes as they can; without it, in as few as allow them to be read nearly as fast as they can. */
  readonly leastFlash?: true;
  /** Present where machine code of our own takes the units, and C is its twin. */
  readonly machine?: MachineCode;
};

/** Non-zero weights of a stage, biases left out. */
export type NonZeros = (stage: Stage) => number;

/** What is known of a network's weights when it is priced: how many are not zero, or all once it is quantised. */
export type Weights = NonZeros | QuantizedNetwork;

/** What of a chip shapes a plan. `unit` left out is a row. */
export type PlanTarget = {
  /** Alignment of 2- and 4-byte integers in a struct: 1 on AVR, 4 elsewhere. */
  readonly alignment: 1 | 4;
  /** Whether plain C has the weights of small convolutions as constants. */
  readonly weightsAsConstants?: boolean;
  /** Whether the compiler has integers of 24 bits. */
  readonly narrowSums: boolean;
  /** How machine code is written for a network, where it is. */
  machine?(stages: readonly Stage[], cut: Cut): MachineCode | undefined;
  /** Whether machine code hands pixels to pools as it makes them, and not to dense layers alone. */
  readonly poolsTakePixels?: true;
  /** The same chip with code that needs the least stack, where there is a choice. */
  readonly lean?: PlanTarget;
  /** Bounds the stack of the generated code when the first `streamed` stages are streamed. */
  stackBytes(stages: readonly Stage[], streamed: number, unit?: Unit): number;
  /** No network's code needs less stack, or less flash; absent where that is not known for sure. */
  readonly leastStackBytes?: number;
  readonly leastFlashBytes?: number;
  /** Predicts the machine code of a whole network, tables left out. */
  codeBytes(stages: readonly Stage[], cut: Cut & Pick<Plan, 'leastFlash'>, nonZeros?: NonZeros): number;
  /** Predicts the cycles of one inference, where that was measured. */
  cycles?(input: Shape, stages: readonly Stage[], streamed: number, nonZeros: NonZeros, unit?: Unit): number;
};
