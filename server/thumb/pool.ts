import type { Place, Task } from '../machine/machine.ts';
import { walkOf } from '../machine/walk.ts';
import { accumulate, addTo, clear, constant, moveFirst } from './arithmetic.ts';
import { closeSums } from './dense.ts';
import { groupsOf, overGroups } from './groups.ts';
import { loadTap } from './products.ts';
import type { Program } from './program.ts';
import { A, FIRST, isHigh, SUMS, TAP, W, X, Y } from './registers.ts';
import { requantize, takesMultiplier } from './requantize.ts';
import { poolScalingOf } from './scaling.ts';
import { walkWindow } from './walk.ts';

/** Emits one window of a pool, a group of channels at a time, from FIRST (which moves on by a pixel) to Y (which moves on too). */
export function pool(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const walk = walkOf(task);
  const scaling = poolScalingOf(task);
  overGroups(p, groupsOf(stage.shape.channels, SUMS.length), (size) => {
    const sums = SUMS.slice(0, size);
    begin(p, task, sums);
    p.op('mov', X, FIRST);
    walkWindow(p, walk, { taps: size, stretch: 'pixel', visit: () => take(p, task, inputs[0], sums) });
    if (scaling && takesMultiplier(scaling)) constant(p, W, scaling.multiplier!);
    sums.forEach((sum, slot) => {
      p.op('mov', TAP, sum);
      if (scaling) requantize(p, TAP, X, W, scaling);
      p.op('strb', scaling ? X : TAP, Y, slot);
    });
    addTo(p, Y, size);
    moveFirst(p, size);
  });
}

/** A word of the stack frame: not zero where a row is the first of a folding pool's window. */
export const FRESH = 'fresh';

/** Takes one kernel row of a pool into the running results at Y, which moves on: maxima, or sums. */
export function poolRow(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const walk = { ...walkOf(task), clippedY: false, insideY: 1, window: { ...stage.window!, kernelY: 1 } };
  const { bytes } = task.sums ?? { bytes: 1 };
  overGroups(p, groupsOf(stage.shape.channels, SUMS.length), (size) => {
    const sums = SUMS.slice(0, size);
    const first = p.fresh();
    const ready = p.fresh();
    const share = 1 / stage.window!.kernelY;
    p.load(A, FRESH);
    p.op('cmp i', A, 0);
    p.branch('bne', share, first);
    p.times(1 - share, () => {
      sums.forEach((sum, slot) => {
        loadResult(p, task, isHigh(sum) ? A : sum, Y, slot * bytes);
        if (isHigh(sum)) p.op('mov', sum, A);
      });
      p.op('b', ready);
    });
    p.label(first);
    p.times(share, () => begin(p, task, sums));
    p.label(ready);
    p.op('mov', X, FIRST);
    walkWindow(p, walk, { taps: size, stretch: 'pixel', visit: () => take(p, task, inputs[0], sums) });
    sums.forEach((sum, slot) => {
      if (isHigh(sum)) p.op('mov', A, sum);
      p.op(bytes === 4 ? 'str' : bytes === 2 ? 'strh' : 'strb', isHigh(sum) ? A : sum, Y, slot * bytes);
    });
    addTo(p, Y, size * bytes);
    moveFirst(p, size);
  });
}

/** `register` (low) = the running result `offset` bytes behind the one that `from` points to. */
function loadResult(p: Program, { stage, inputs: [input], sums }: Task, register: number, from: number, offset: number): void {
  const { bytes } = sums ?? { bytes: 1 };
  p.op(bytes === 4 ? 'ldr' : bytes === 2 ? 'ldrh' : 'ldrb', register, from, offset);
  if (bytes === 2) p.op('sxth', register, register);
  else if (bytes === 1 && stage.op === 'maxPool' && !input.unsigned) p.op('sxtb', register, register);
}

/** Takes the pixel at FIRST into the running results at Y. Both move on. */
export function poolTap(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const window = { ...stage.window!, kernelX: 1, spanX: 1, padLeft: 0, columns: 1 };
  // Of one pixel no ring is gone around.
  poolRow(p, { ...task, inputs: [{ ...input, depth: input.height * input.width }], stage: { ...stage, window } });
}

/** Requantises the sums that X points to, to Y, which moves on. */
export function closePool(p: Program, task: Task, count: number): void {
  const scaling = poolScalingOf(task)!;
  const { bytes } = task.sums!;
  const from = 5;
  p.op('mov', from, X);
  if (takesMultiplier(scaling)) constant(p, W, scaling.multiplier!);
  closeSums(p, from, count, bytes, () => {
    loadResult(p, task, TAP, from, 0);
    p.op('adds i', from, bytes);
    requantize(p, TAP, X, W, scaling);
  });
}

function begin(p: Program, { stage }: Task, sums: readonly number[]): void {
  if (stage.op !== 'maxPool' || stage.low === 0) {
    clear(p, sums, TAP);
    return;
  }
  constant(p, TAP, stage.low);
  for (const sum of sums) p.op('mov', sum, TAP);
}

/** One tap of each channel of a group, from X, which moves on. */
function take(p: Program, { stage }: Task, input: Place, sums: readonly number[]): void {
  sums.forEach((sum, slot) => {
    loadTap(p, input, slot);
    if (stage.op === 'maxPool') {
      p.op(isHigh(sum) ? 'cmp h' : 'cmp', TAP, sum);
      p.unless('ble', 0.5, () => p.op('mov', sum, TAP));
    } else {
      if (input.zeroPoint !== 0) p.op('subs i', TAP, input.zeroPoint);
      accumulate(p, sum, TAP);
    }
  });
  addTo(p, X, sums.length);
}
