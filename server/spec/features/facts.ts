import type { DataFault } from '../../dataset/source.ts';
import type { Shape } from '../../network/shape.ts';

/** What was found of a spec's data on disk. */
export type DataFacts = {
  readonly faults: readonly DataFault[];
  readonly probe?: {
    readonly shape: Shape;
    readonly classes: readonly string[];
    /** Training samples of each class. */
    readonly trainCounts: readonly number[];
  };
};

/** What the search space holds, by its smallest network and a sample of the others. */
export type SpaceFacts = {
  /** Bounds that contradict each other. */
  readonly faults: readonly string[];
  /** Of all networks that were priced. */
  readonly leastRamBytes: number;
  readonly leastFlashBytes: number;
  readonly drawn: number;
  readonly fitting: number;
  /** Where none was found that fits: by how much the nearest misses the limits. */
  readonly excess?: { readonly limit: string; readonly value: number; readonly allowed: number };
};
