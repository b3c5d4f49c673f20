import type { StoredBits } from '../quantize/bits.ts';
import type { QuantizedStage } from '../quantize/network.ts';

/** Where a tensor lies in the caller's state and what its bytes are. */
export type Place = {
  readonly name: string;
  /** Of its first byte, from the begin of the state. */
  readonly offset: number;
  /** In rows, or in pixels where those are what is streamed: a ring when fewer than the tensor has. */
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Bytes of an element: 1, or those of a sum for logits that are sums. */
  readonly bytes: 1 | 3 | 4;
  readonly zeroPoint: number;
  /** Whether its bytes are 0..255; otherwise they are -128..127. */
  readonly unsigned: boolean;
  /** What its elements can be. */
  readonly least: number;
  readonly most: number;
};

/** A stage as the machine runs it. */
export type Task = {
  readonly stage: QuantizedStage;
  readonly inputs: readonly Place[];
  readonly output: Place;
  /** How it runs: as rows or pixels appear, or once over whole tensors. */
  readonly unit: 'row' | 'pixel' | 'whole';
  /** It takes its input piece by piece into running results. */
  readonly folds: boolean;
  /** Running results of a folding stage: from the begin of the state, and the bytes of each. */
  readonly sums?: { readonly offset: number; readonly bytes: 1 | 2 | 3 | 4 };
  /** Each pixel that it makes is taken at once by the dense layer or pool of this name, which is not scheduled. */
  readonly passesTo?: string;
  /** Registers from SUMS on that sums may take: the more, the more outputs are summed up at once, and the more is saved on the stack. */
  readonly sumRegisters: number;
  /** Whether its weights are instructions, all of them in a table, or the non-zero ones in runs or under a bitmap. */
  readonly weights: 'code' | 'table' | 'runs' | 'bitmap';
  /** Of each weight where they lie in a table or in runs. */
  readonly bits: StoredBits;
};

/** A network under a plan, as far as its machine code depends on it. */
export type Machine = {
  /** That of a Cortex-M0+; of an AVR without it. */
  readonly core?: 'thumb';
  readonly unit: 'row' | 'pixel';
  readonly input: Place;
  readonly tasks: readonly Task[];
  /** Where each counter lies, from the begin of the state, and its bytes. */
  readonly counters: ReadonlyMap<string, { readonly offset: number; readonly bytes: 1 | 2 }>;
};
