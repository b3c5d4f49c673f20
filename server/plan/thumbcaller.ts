/** What is delivered: so many rows or pixels of so many bytes. */
export type Delivered = { readonly units: number; readonly unitBytes: number };

/**
 * What arm-none-eabi-gcc 12 -Os makes of all that is not Cortex-M0+ machine code, start-up, main, run and logits, as `node
 * test/bench/fitcaller.ts` fits it to random networks. Units of a few bytes are written out.
 */
export const thumbCallerBytes = (delivered: Delivered): number => Math.round(dot(thumbSizeFeatures(delivered), SIZES));

export const thumbCallerCycles = (delivered: Delivered): number => dot(thumbWorkFeatures(delivered), CYCLES);

const SIZES: readonly number[] = [438.6, -12.6, -7.2, -2.4, 34.7];
const CYCLES: readonly number[] = [23, 14.7, 8.9, 4.2, 8.3, 11.1, 16.9];

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i], 0);

export const thumbSizeFeatures = ({ units, unitBytes }: Delivered): number[] => [
  1,
  ...[1, 2, 3].map((few) => Number(unitBytes === few)),
  // Both units are written out.
  Number(units === 2 && unitBytes > 1),
];

export const thumbWorkFeatures = ({ units, unitBytes }: Delivered): number[] => [
  1,
  units,
  unitBytes > mostWrittenOut(units) ? units * unitBytes : 0,
  ...[1, 2, 3, 4].map((few) => (unitBytes === few && few <= mostWrittenOut(units) ? units : 0)),
];

/** Bytes of a unit that are written out. */
const mostWrittenOut = (units: number): number => (units === 2 ? 4 : 3);
