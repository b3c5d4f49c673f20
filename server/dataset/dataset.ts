import type { Shape } from '../network/shape.ts';

/**
 * Labelled samples as the chip will see them: bytes. `x` is [count, height, width, channels], `labels` [count].
 * Both may lie in shared memory, so that worker threads read one copy.
 */
export type Samples = {
  readonly shape: Shape;
  readonly count: number;
  readonly x: Uint8Array;
  readonly labels: Uint8Array;
};

/**
 * How a byte becomes the number that the network computes with: `(byte - zeroPoint) / deviation`.
 * The zero point is a whole number, so that training and the integer arithmetic see exactly the same values.
 */
export type InputEncoding = {
  /** The training split's mean, rounded, 0..255. */
  readonly zeroPoint: number;
  /** The training split's standard deviation in bytes, > 0. */
  readonly deviation: number;
  /** For data that was not bytes: the value of channel `c` is `offset[c] + byte * scale[c]`. Absent for byte data. */
  readonly channels?: {
    readonly offset: readonly number[];
    readonly scale: readonly number[];
  };
};

export type DataSet = {
  readonly name: string;
  readonly classes: readonly string[];
  readonly encoding: InputEncoding;
  readonly train: Samples;
  readonly validation: Samples;
  readonly test: Samples;
};
