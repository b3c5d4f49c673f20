/**
 * The input gradient of a strided convolution along one axis, as one stride-1 convolution per phase. Input positions
 * `phase, phase + stride, ...` (`count` of them) are reached through `taps` of the kernel; the `i`-th position takes tap `j`
 * from output position `i - before + j * step`.
 */
export type Phase = {
  readonly phase: number;
  readonly count: number;
  readonly taps: readonly number[];
  readonly before: number;
  readonly step: number;
};

/** One axis of a kernel that slides over `size` positions. */
export type Axis = {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly size: number;
};

export function phases({ kernel, stride, dilation, pad, size }: Axis): Phase[] {
  const step = dilation / divisor(stride, dilation);
  const all: Phase[] = [];
  for (let phase = 0; phase < Math.min(stride, size); phase++) {
    const taps: number[] = [];
    for (let tap = kernel - 1; tap >= 0; tap--) if ((phase + pad - tap * dilation) % stride === 0) taps.push(tap);
    const before = taps.length > 0 ? -(phase + pad - taps[0] * dilation) / stride : 0;
    all.push({ phase, count: Math.ceil((size - phase) / stride), taps, before, step });
  }
  return all;
}

/** How far the phases read outside an output axis of `count` positions. */
export const overhang = (all: readonly Phase[], count: number): number =>
  Math.max(
    0,
    ...all.map(({ before, taps, step, ...phase }) => Math.max(before, phase.count - 1 - before + (taps.length - 1) * step - (count - 1))),
  );

/**
 * The rows of a dilated kernel's output that read the same rows of the input, as a kernel without dilation: output rows `first,
 * first + every, ...` (`count` of them) over input rows `from, from + dilation, ...` (`rows` of them), by that stride behind that padding.
 */
export type Class = {
  readonly first: number;
  readonly every: number;
  readonly count: number;
  readonly from: number;
  readonly rows: number;
  readonly stride: number;
  readonly pad: number;
};

/** All of them, for `count` output rows; without dilation one. */
export function classes(count: number, { stride, dilation, pad, size }: Omit<Axis, 'kernel'>): Class[] {
  const common = divisor(stride, dilation);
  const every = dilation / common;
  return Array.from({ length: Math.min(every, count) }, (_, first) => {
    const before = Math.floor((first * stride - pad) / dilation);
    const from = first * stride - pad - before * dilation;
    const rows = Math.max(0, Math.ceil((size - from) / dilation));
    return { first, every, count: Math.ceil((count - first) / every), from, rows, stride: stride / common, pad: -before };
  });
}

/** The rows of a phase, likewise: it reads the output's gradient, of `size` rows, by steps. */
export const classesOf = ({ count, before, step }: Phase, size: number): Class[] =>
  classes(count, { stride: 1, dilation: step, pad: before, size });

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
