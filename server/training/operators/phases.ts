/**
 * The input gradient of a strided convolution along one axis, as one stride-1 convolution per phase. Input positions
 * `phase, phase + stride, ...` (`count` of them) are reached through `taps` of the kernel; the `i`-th position takes tap `j`
 * from output position `i - before + j`.
 */
export type Phase = { readonly phase: number; readonly count: number; readonly taps: readonly number[]; readonly before: number };

export function phases(kernel: number, stride: number, pad: number, size: number): Phase[] {
  const all: Phase[] = [];
  for (let phase = 0; phase < Math.min(stride, size); phase++) {
    const taps: number[] = [];
    for (let tap = kernel - 1; tap >= 0; tap--) if ((phase + pad - tap) % stride === 0) taps.push(tap);
    const before = taps.length > 0 ? -(phase + pad - taps[0]) / stride : 0;
    all.push({ phase, count: Math.ceil((size - phase) / stride), taps, before });
  }
  return all;
}

/** How far the phases read outside an output axis of `count` positions. */
export const overhang = (all: readonly Phase[], count: number): number =>
  Math.max(0, ...all.map((phase) => Math.max(phase.before, phase.count - 1 - phase.before + phase.taps.length - 1 - (count - 1))));
