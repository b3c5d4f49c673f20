import type { Place, Task } from '../machine/machine.ts';
import { walkOf } from '../machine/walk.ts';
import { accumulate, addTo, constant, moveFirst } from './arithmetic.ts';
import { forGroups } from './groups.ts';
import { loadTap } from './products.ts';
import type { Program } from './program.ts';
import { A, END, FIRST, SUMS, TAP, W, X } from './registers.ts';
import { inBytes } from './summing.ts';
import { walkWindow } from './walk.ts';

/** Emits one window of every channel, a group of channels at a time, from FIRST (which moves on by a pixel) to Y (which moves on too). */
export function depthwise(p: Program, task: Task): void {
  const [input] = task.inputs;
  const walk = walkOf(task);
  const weighGroup = (size: number) => {
    const sums = SUMS.slice(0, size);
    p.op('mov', X, FIRST);
    walkWindow(p, walk, {
      taps: size,
      stretch: 'pixel',
      visit() {
        weigh(p, input, sums);
        p.op('adds i', X, size);
      },
      absent(count) {
        if (input.zeroPoint === 0) addTo(p, W, count);
        else absentTaps(p, input, sums, count / size);
      },
    });
  };
  forGroups(p, task, inBytes(8), weighGroup, (size) => moveFirst(p, size));
}

/** One tap of each channel of a group; W moves on. `isLoaded`: TAP is that of all. */
function weigh(p: Program, input: Place, sums: readonly number[], isLoaded = false): void {
  sums.forEach((sum, slot) => {
    if (!isLoaded) loadTap(p, input, slot);
    p.op('ldrb', A, W, slot);
    p.op('sxtb', A, A);
    p.op('muls', A, TAP);
    accumulate(p, sum, A);
  });
  p.op('adds i', W, sums.length);
}

function absentTaps(p: Program, input: Place, sums: readonly number[], taps: number): void {
  const again = p.fresh();
  constant(p, TAP, input.zeroPoint);
  constant(p, A, taps * sums.length);
  p.op('adds r', A, A, W);
  p.op('mov', END, A);
  p.label(again);
  p.times(taps, () => {
    weigh(p, input, sums, true);
    p.op('cmp h', W, END);
    p.branch('bne', (taps - 1) / taps, again);
  });
}
