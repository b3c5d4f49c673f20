import type { Place, Task } from '../machine/machine.ts';
import { encodeBitmap, encodeRun, entriesOf, entryBytes, nonZeros } from '../quantize/nonzeros.ts';
import { addTap } from './products.ts';
import type { Program } from './program.ts';
import { COUNT, SUMS, TAP, WEIGHT, X, ZERO } from './registers.ts';
import { addBySign, extendTap, signsOf } from './signs.ts';

/** Stretches of weights of which only those that are not zero are in the table: as runs, or under a bitmap. */
export type Sparse = {
  /** Bytes of stretches one after the other. */
  bytes(weights: Int8Array): number;
  encode(weights: Int8Array): number[];
  /**
   * Adds a stretch to a sum; X points to its first tap and is moved. `afterStep` brings X back into its ring. `tap`: all are that, and X
   * stays. COUNT is lost, and r6 and r7 for bitmaps.
   */
  add(p: Program, sum: readonly number[], afterStep?: () => void, tap?: number): void;
};

/** How a stage's stretches of so many weights are taken, where they lie as `task.weights` says. */
export function sparseOf({ stage, inputs: [input], weights: form, bits }: Task, length: number): Sparse {
  const { weight } = stage.weights!;
  const each = (weights: Int8Array, encode: (stretch: Int8Array) => number[]) =>
    Array.from({ length: weights.length / length }, (_, i) => encode(weights.subarray(i * length, (i + 1) * length))).flat();
  if (form === 'bitmap') {
    return {
      bytes: (weights) => (weights.length / length) * Math.ceil(length / 8) + nonZeros(weights),
      encode: (weights) => each(weights, encodeBitmap),
      add(p, sum, afterStep, tap) {
        addBitmap(p, input, sum, { length, share: nonZeros(weight) / weight.length }, afterStep, tap);
      },
    };
  }
  return {
    bytes: (weights) => weights.length / length + entryBytes(bits) * entriesOf(weights, length, bits),
    encode: (weights) => each(weights, (stretch) => encodeRun(stretch, bits)),
    add(p, sum, afterStep, tap) {
      const entries = entriesOf(weight, length, bits);
      const signs = bits === 2 ? signsOf(weight, entries) : undefined;
      const entry = () => {
        if (bits === 8) takeStep(p, afterStep, tap);
        else takeShared(p, bits, afterStep, tap);
        if (!signs) addTap(p, input, sum);
        else {
          extendTap(p, input);
          addBySign(p, input, sum, 7, signs);
        }
      };
      addRun(p, (entries * length) / weight.length, entry, tap);
    },
  };
}

/** The number of a run's entries is in the table before them. */
function addRun(p: Program, expected: number, entry: () => void, tap?: number): void {
  const again = p.fresh();
  const none = p.fresh();
  if (tap !== undefined) p.op('ldi', TAP, tap & 255);
  p.op('lpm Z+', COUNT);
  p.op('and', COUNT, COUNT);
  p.branch('breq', 1 / (1 + 3 * expected), none);
  p.label(again);
  p.times(expected, () => {
    entry();
    p.op('dec', COUNT);
    p.branch('brne', Math.max(0, 1 - 1 / Math.max(1, expected)), again);
  });
  p.label(none);
}

/** An entry of two bytes: the step and the weight. */
function takeStep(p: Program, afterStep?: () => void, tap?: number): void {
  p.op('lpm Z+', WEIGHT);
  if (tap === undefined) {
    step(p, WEIGHT);
    afterStep?.();
    p.op('ld X', TAP);
  }
  p.op('lpm Z+', WEIGHT);
}

/** An entry of one byte, of which the weight has the upper bits. */
function takeShared(p: Program, bits: 4 | 2, afterStep?: () => void, tap?: number): void {
  if (tap === undefined) {
    p.op('lpm', WEIGHT);
    p.op('andi', WEIGHT, 2 ** (8 - bits) - 1);
    step(p, WEIGHT);
    afterStep?.();
    p.op('ld X', TAP);
  }
  p.op('lpm Z+', WEIGHT);
  if (bits === 4) p.op('andi', WEIGHT, 0xf0);
}

function step(p: Program, by: number): void {
  p.op('add', X, by);
  p.op('adc', X + 1, ZERO);
}

/** Behind the widest sum; neither takes a constant. */
const [BITS, TAPS] = [SUMS + 4, SUMS + 5];

type Stretch = { readonly length: number; readonly share: number };

function addBitmap(p: Program, input: Place, sum: readonly number[], stretch: Stretch, afterStep?: () => void, tap?: number): void {
  const { length, share } = stretch;
  const some = (count: number) => {
    const again = p.fresh();
    p.op('lpm Z+', BITS);
    if (count > 1) {
      p.op('ldi', TAP, count);
      p.op('mov', TAPS, TAP);
    }
    if (tap !== undefined) p.op('ldi', TAP, tap & 255);
    p.label(again);
    p.times(count, () => {
      if (tap === undefined) {
        p.op('ld X+', TAP);
        afterStep?.();
      }
      p.op('lsr', BITS);
      p.unless('brcc', 1 - share, () => {
        p.op('lpm Z+', WEIGHT);
        addTap(p, input, sum);
      });
      if (count === 1) return;
      p.op('dec', TAPS);
      p.branch('brne', (count - 1) / count, again);
    });
  };
  if (length >= 8) p.loop(COUNT, Math.floor(length / 8), () => some(8));
  if (length % 8 > 0) some(length % 8);
}
