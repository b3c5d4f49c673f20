import type { Place, Task } from '../machine/machine.ts';
import { poolScaling, type Scaling } from '../machine/scaling.ts';
import { walkOf } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { finishGroup, groupsOf } from './groups.ts';
import { sumOf } from './products.ts';
import type { Program } from './program.ts';
import { FIRST, KERNEL_ROWS, SUMS, TAP, WEIGHT, X, ZERO } from './registers.ts';
import { requantize, sumBytes } from './requantize.ts';
import { walkWindow } from './walk.ts';

/** Emits one window of a pool, a group of channels at a time, from FIRST (which moves on by a pixel) to Y (which moves on too). */
export function pool(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const walk = walkOf(task);
  const { bytes, scaling } = poolSums(task);
  const groups = groupsOf(stage.shape.channels, Math.floor(Math.min(task.sumRegisters, 8) / bytes));
  overGroups(p, groups, (size) => {
    const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
    begin(p, task, sums);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, { taps: size, stretch: 'pixel', visit: () => take(p, task, inputs[0], sums) });
    if (scaling) finishGroup(p, sums, scaling);
    else for (const [register] of sums) p.op('st Y+', register);
    addTo(p, FIRST, size);
  });
}

/**
 * Takes one kernel row of a pool into the running results at Y, which moves on: maxima, or sums. KERNEL_ROWS is not zero where the row is
 * the window's first.
 */
export function poolRow(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const walk = { ...walkOf(task), clippedY: false, insideY: 1, window: { ...stage.window!, kernelY: 1 } };
  const { bytes } = task.sums ?? { bytes: 1 };
  overGroups(p, groupsOf(stage.shape.channels, Math.floor(Math.min(task.sumRegisters, 8) / bytes)), (size) => {
    const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
    beginOrGoOn(p, task, sums, 1 / stage.window!.kernelY);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, { taps: size, stretch: 'pixel', visit: () => take(p, task, inputs[0], sums) });
    for (const register of sums.flat()) p.op('st Y+', register);
    addTo(p, FIRST, size);
  });
}

/** Takes the pixel at X into the running results at Y; KERNEL_ROWS is not zero where it is the window's first. Both move on. */
export function poolTap(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const { kernelY, kernelX } = stage.window!;
  const { bytes } = task.sums ?? { bytes: 1 };
  overGroups(p, groupsOf(stage.shape.channels, Math.floor(Math.min(task.sumRegisters, 8) / bytes)), (size) => {
    const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
    beginOrGoOn(p, task, sums, 1 / (kernelY * kernelX));
    take(p, task, inputs[0], sums);
    for (const register of sums.flat()) p.op('st Y+', register);
  });
}

/** Loads the running results at Y, but where KERNEL_ROWS is not zero, in `share` of the cases: there they begin. */
function beginOrGoOn(p: Program, task: Task, sums: readonly (readonly number[])[], share: number): void {
  const first = p.fresh();
  const ready = p.fresh();
  p.op('and', KERNEL_ROWS, KERNEL_ROWS);
  p.branch('brne', share, first);
  p.times(1 - share, () => {
    sums.flat().forEach((register, i) => {
      p.op('ldd Y', register, i);
    });
    p.op('rjmp', ready);
  });
  p.label(first);
  p.times(share, () => begin(p, task, sums));
  p.label(ready);
}

/** Requantises the sums at Z to Y, both of which move on. */
export function closePool(p: Program, task: Task, counter: number, count: number): void {
  const { scaling } = poolSums(task);
  const sum = sumOf(0, task.sums!.bytes);
  p.loop(counter, count, () => {
    for (const register of sum) p.op('ld Z+', register);
    p.op('st Y+', requantize(p, sum, scaling!));
  });
}

function poolSums(task: Task): { bytes: number; scaling?: Scaling } {
  const scaling = poolScaling(task);
  if (!scaling) return { bytes: 1 };
  return { bytes: task.sums?.bytes ?? sumBytes(scaling.range, task.stage.rescale!.multipliers, scaling.shift), scaling };
}

function overGroups(p: Program, groups: readonly (readonly number[])[], body: (size: number) => void): void {
  const full = groups.filter((group) => group.length === groups[0].length).length;
  const counter = SUMS + 8;
  const again = p.fresh();
  if (full > 1) {
    p.op('ldi', TAP, full);
    p.op('mov', counter, TAP);
    p.label(again);
  }
  p.times(full, () => {
    body(groups[0].length);
    if (full === 1) return;
    p.op('dec', counter);
    p.branch('brne', (full - 1) / full, again);
  });
  if (full < groups.length) body(groups[full].length);
}

function begin(p: Program, { stage }: Task, sums: readonly (readonly number[])[]): void {
  const lowest = stage.op === 'maxPool' ? stage.low & 255 : 0;
  if (lowest !== 0) p.op('ldi', TAP, lowest);
  for (const register of sums.flat()) p.op('mov', register, lowest !== 0 ? TAP : ZERO);
}

/** One tap of each channel of a group. */
function take(p: Program, { stage }: Task, input: Place, sums: readonly (readonly number[])[]): void {
  for (const sum of sums) {
    p.op('ld X+', TAP);
    if (stage.op === 'maxPool') {
      p.op('cp', sum[0], TAP);
      p.unless(input.unsigned ? 'brcc' : 'brge', 0.5, () => p.op('mov', sum[0], TAP));
    } else addByte(p, input, sum);
  }
}

function addByte(p: Program, input: Place, sum: readonly number[]): void {
  let extension = ZERO;
  if (!input.unsigned && input.least < 0) {
    p.op('mov', WEIGHT, TAP);
    p.op('add', WEIGHT, WEIGHT);
    p.op('sbc', WEIGHT, WEIGHT);
    extension = WEIGHT;
  }
  p.op('add', sum[0], TAP);
  for (const register of sum.slice(1)) p.op('adc', register, extension);
  if (input.zeroPoint === 0) return;
  p.op('ldi', WEIGHT, input.zeroPoint);
  p.op('sub', sum[0], WEIGHT);
  for (const register of sum.slice(1)) p.op('sbc', register, ZERO);
}
