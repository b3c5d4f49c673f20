import type { Place, Task } from './machine.ts';

/** How a pixel of a tensor is found: from a place in the state by counters, each times a number of bytes. */
export type Way = {
  /** From the begin of the state; the end of the ring, where there is one. */
  readonly from: number;
  readonly counters: readonly (readonly [name: string, bytes: number])[];
  /** What is then to be brought back by so many `bytes` up to `rounds` times, until it lies before the end; it begins `past` that. */
  readonly ring?: { readonly bytes: number; readonly rounds: number; readonly past: number };
};

/** To the pixel under the first tap of a stage's next window; of a join, to that at the same place. */
export function wayToWindow(input: Place, { stage, output }: Task): Way {
  const { strideY, strideX, padTop, padLeft } = stage.window ?? { strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };
  const { name, offset, depth, channels, width } = input;
  const before = (padTop * width + padLeft) * channels;
  const own = [
    [`y_${output.name}`, strideY * width * channels],
    [`x_${output.name}`, strideX * channels],
  ] as const;
  if (depth === 1 && input.height * width > 1) return { from: offset, counters: [] };
  if (!isRing(input)) return { from: offset - before, counters: own };
  const bytes = depth * channels;
  // What lies beyond the border counts backwards around the ring.
  const rounds = Math.ceil((depth + padTop * width + padLeft) / depth);
  const newest = [
    [`at_${name}`, channels],
    [`y_${name}`, -width * channels],
    [`x_${name}`, -channels],
  ] as const;
  return { from: offset + bytes, counters: [...newest, ...own], ring: { bytes, rounds, past: (rounds - 1) * bytes - before } };
}

/** To where a tensor's next pixel goes, or to the newest if it is not yet counted. */
export function wayToNext(place: Place): Way {
  const { name, offset, depth, channels, width, bytes } = place;
  if (isRing(place)) return { from: offset, counters: [[`at_${name}`, channels * bytes]] };
  if (depth === 1) return { from: offset, counters: [] };
  return {
    from: offset,
    counters: [
      [`y_${name}`, width * channels * bytes],
      [`x_${name}`, channels * bytes],
    ],
  };
}

/** Whether a tensor that is streamed by pixels goes around a ring. */
const isRing = ({ depth, height, width }: Place): boolean => depth > 1 && depth < height * width;
