import type { Machine } from '../machine/machine.ts';

/** Bytes of the state that machine code uses. */
export function stateEnd({ input, tasks, counters, unit }: Machine): number {
  const ends = [...counters.values()].map(({ offset, bytes }) => offset + bytes);
  for (const { offset, depth, width, height, channels, bytes } of [input, ...tasks.map(({ output }) => output)])
    ends.push(offset + (unit === 'row' ? Math.min(depth, height) * width : Math.min(depth, height * width)) * channels * bytes);
  for (const { sums, stage } of tasks) if (sums) ends.push(sums.offset + sums.bytes * stage.shape.channels * stage.shape.width);
  return Math.max(...ends);
}
