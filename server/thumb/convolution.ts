import type { Task } from '../machine/machine.ts';
import { visitsRows, type Walk, walkOf } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { fromCode, isWrittenOut } from './code.ts';
import { forGroups } from './groups.ts';
import { addTaps } from './products.ts';
import type { Program } from './program.ts';
import { FIRST, W, X } from './registers.ts';
import { tabledOf, weightBytes } from './summing.ts';
import { walkWindow } from './walk.ts';

/** Emits the convolution of one window, from FIRST to Y, which moves on. */
export function convolution(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const taps = stage.weights!.weight.length / stage.shape.channels;
  const summing = tabledOf(task, stretchOf(walk), taps, !walk.clippedY && !walk.clippedX);
  if (task.weights === 'code' && isWrittenOut(stage, summing)) {
    fromCode(p, task);
    return;
  }
  forGroups(p, task, summing, (size) => {
    p.op('mov', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'row',
      visit: (count) => addTaps(p, input, summing, size, count),
      absent(count) {
        if (input.zeroPoint === 0) addTo(p, W, weightBytes(summing, size, count));
        else addTaps(p, input, summing, size, count, input.zeroPoint);
      },
    });
  });
}

/** Taps that are visited at once: a row of the kernel, or a pixel where those of a row are told apart. */
const stretchOf = (walk: Walk): number => (visitsRows(walk, 'row') ? walk.window.kernelX : 1) * walk.input.channels;
