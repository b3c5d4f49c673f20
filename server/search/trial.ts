import type { Network } from '../network/network.ts';
import type { Genotype, Pruning } from './genotype.ts';
import type { Limits } from './objective.ts';

/** What a network costs, predicted before training or known after it. */
export type Price = {
  readonly ramBytes: number;
  readonly flashBytes: number;
  /** The paper's model size and working memories, and the peak of activations as µNAS counts it, bytes. */
  readonly size: number;
  readonly wm1: number;
  readonly wm2: number;
  readonly activations?: number;
  /** Multiply-accumulates of one inference. */
  readonly macs: number;
  /** Of the processor, for one inference. */
  readonly cycles?: number;
  readonly latencyMs?: number;
};

/** Pure, and cheap beside a training: it is asked for every draw. Given limits, it need not tell a price that is over them. */
export type PriceOf = {
  (network: Network, pruning: Pruning): Price;
  (network: Network, pruning: Pruning, limits: Limits): Price | undefined;
};

/** A configuration that the strategy wants trained. It is within the limits on its price. */
export type Proposal = {
  readonly id: number;
  /** Absent where the network is written by hand. */
  readonly genotype?: Genotype;
  readonly network: Network;
  readonly price: Price;
  /** The trial that it was changed from, and how. */
  readonly parent?: number;
  readonly morph?: string;
  /** Draws given up since the proposal before: over the limits, or proposed already. */
  readonly refused: number;
  readonly duplicates: number;
};

/** A proposal that was tried. */
export type Trial = Omit<Proposal, 'refused' | 'duplicates'> & {
  readonly durationMs: number;
} & (
    | {
        readonly status: 'finished';
        /** Share of the validation split that the int8 network gets right, 0..1. */
        readonly accuracy: number;
        /** Other figures of the evaluation, by name. */
        readonly measures?: { readonly [name: string]: number };
      }
    | { readonly status: 'failed'; readonly reason: string }
  );

export type Finished = Extract<Trial, { status: 'finished' }>;

export const isFinished = (trial: Trial): trial is Finished => trial.status === 'finished';
