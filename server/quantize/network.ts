import type { Shape } from '../network/shape.ts';
import type { Stage } from '../network/stage.ts';
import type { Encoding, Rescale } from './arithmetic.ts';

/** Integers of a convolution, depthwise or dense stage; layouts as in `Parameters`. */
export type QuantizedWeights = {
  readonly weight: Int8Array;
  /** At scale input.scale * weight scale. */
  readonly bias: Int32Array;
  /** What one of the integers stands for, by output channel; absent where the network was read from a file. */
  readonly scales?: Float64Array;
};

/**
 * A stage with its integers.
 *
 * | op | `weights` | `rescale.multipliers` |
 * |---|---|---|
 * | conv2d, depthwise, dense | yes | one per output channel; no `rescale` when the stage is `raw` |
 * | averagePool | | one |
 * | add, concat | | one per input: `sum of (q - zeroPoint) * multiplier` is shifted once |
 * | maxPool, relu | | none: the encoding is the input's |
 */
export type QuantizedStage = Stage & {
  readonly encoding: Encoding;
  readonly low: number;
  readonly high: number;
  readonly weights?: QuantizedWeights;
  readonly rescale?: Rescale;
};

/** The network as the chip computes it. The last stage's tensor holds one value per class. */
export type QuantizedNetwork = {
  readonly input: { readonly shape: Shape; readonly encoding: Encoding };
  readonly stages: readonly QuantizedStage[];
};

export const encodingOf = (network: QuantizedNetwork, tensor: string): Encoding =>
  network.stages.find((stage) => stage.name === tensor)?.encoding ?? network.input.encoding;
