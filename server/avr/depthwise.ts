import type { Place, Task } from '../machine/machine.ts';
import { type Walk, walkOf } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { forGroups, groupsOf, sumRegisters, sumsOf } from './groups.ts';
import type { Program } from './program.ts';
import { COUNT, FIRST, TAP, X, Z } from './registers.ts';
import { extendTap } from './signs.ts';
import { addNext, packed, passedBytes, type Reading, readingOf } from './stretch.ts';
import { walkWindow } from './walk.ts';

/** Emits one window of every channel, a group of channels at a time, from FIRST (which moves on by a pixel) to Y (which moves on too). */
export function depthwise(p: Program, task: Task): void {
  const { stage, inputs, bits } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { channels } = stage.shape;
  const groups = groupsOf(channels, Math.floor(sumRegisters(task, isClipped(walk) ? 8 : undefined) / sumsOf(task).bytes), bits);
  const reading = readingOf(task);
  const { weight } = stage.weights!;
  const pixels = weight.length / channels;
  const pixelBytes = (size: number) => Math.ceil((size * bits) / 8);
  const weights = {
    bytes: ({ length }: readonly number[]) => pixels * pixelBytes(length),
    encode: (group: readonly number[]) =>
      Array.from({ length: pixels }, (_, pixel) =>
        packed(
          group.map((channel) => weight[pixel * channels + channel]),
          bits,
        ),
      ).flat(),
  };
  forGroups(p, task, groups, weights, (sums) => {
    const size = sums.length;
    const weigh = (tap?: number) => weighPixel(p, input, sums, reading, tap);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: size,
      stretch: 'pixel',
      visit: () => weigh(),
      absent(taps) {
        if (input.zeroPoint === 0) addTo(p, Z, (taps / size) * pixelBytes(size));
        else p.loop(COUNT, taps / size, () => weigh(input.zeroPoint));
      },
    });
    addTo(p, FIRST, size);
  });
}

/** One pixel of a group of channels; of `tap`, where that is given, and X stays. */
function weighPixel(p: Program, input: Place, sums: readonly (readonly number[])[], reading: Reading, tap?: number): void {
  const { bits } = reading;
  if (tap !== undefined) p.op('ldi', TAP, tap);
  sums.forEach((sum, i) => {
    if (tap === undefined) p.op('ld X+', TAP);
    if (bits === 2) extendTap(p, input);
    addNext(p, input, sum, i, reading);
  });
  addTo(p, Z, Math.ceil((sums.length * bits) / 8) - passedBytes(sums.length, bits));
}

const isClipped = (walk: Walk): boolean => walk.clippedY || walk.clippedX;
