import type { Task } from '../machine/machine.ts';
import { visitsRows, walkOf } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { fromCode } from './code.ts';
import { forGroups, groupsOf, sumRegisters, sumsOf } from './groups.ts';
import type { Program } from './program.ts';
import { FIRST, SUMS, X, Z } from './registers.ts';
import { sparseOf } from './sparse.ts';
import { addConstantTaps, addTaps, packStretch, readingOf, stretchBytes } from './stretch.ts';
import { tracksColumns, walkWindow, wrap } from './walk.ts';

/** Emits the convolution of one window, from FIRST to Y, which moves on; its table is written behind the program. */
export function convolution(p: Program, task: Task): void {
  if (task.weights === 'code') fromCode(p, task);
  else if (task.weights === 'table') fromTable(p, task);
  else fromSparse(p, task);
}

function fromTable(p: Program, task: Task): void {
  const { stage, inputs, bits } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  // A window's place is kept beside the sums.
  const most = walk.clippedY || tracksColumns(walk, 'row') ? 9 : undefined;
  const groups = groupsOf(stage.shape.channels, Math.floor(sumRegisters(task, most) / sumsOf(task).bytes), bits);
  const reading = readingOf(task);
  const { weight } = stage.weights!;
  const { kernelY, kernelX } = walk.window;
  const taps = kernelY * kernelX * input.channels;
  const perStretch = visitsRows(walk, 'row') ? kernelX * input.channels : input.channels;
  const stretchOf = (sums: number) => ({ taps: perStretch, sums, bits });
  const weights = {
    bytes: ({ length }: readonly number[]) => (taps / perStretch) * stretchBytes(stretchOf(length)),
    encode: (group: readonly number[]) =>
      Array.from({ length: taps / perStretch }, (_, i) =>
        packStretch(
          Array.from({ length: perStretch }, (_, tap) => group.map((filter) => weight[filter * taps + i * perStretch + tap])).flat(),
          stretchOf(group.length),
        ),
      ).flat(),
  };
  forGroups(p, task, groups, weights, (sums) => {
    const stretch = stretchOf(sums.length);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'row',
      visit: (count) => addTaps(p, input, sums, count, reading),
      absent(count) {
        const stretches = count / perStretch;
        if (input.zeroPoint === 0) addTo(p, Z, stretches * stretchBytes(stretch));
        else addConstantTaps(p, input, sums, reading, { taps: perStretch, tap: input.zeroPoint, stretches });
      },
    });
  });
}

/** Only the weights that are not zero, a filter at a time. Rows of taps lie side by side, and none hangs over the border from left to right. */
function fromSparse(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { kernelY, kernelX } = stage.window!;
  const { weight } = stage.weights!;
  const length = kernelX * input.channels;
  const sparse = sparseOf(task, length);
  const ofFilter = ([filter]: readonly number[]) => weight.subarray(filter * kernelY * length, (filter + 1) * kernelY * length);
  const weights = {
    bytes: (group: readonly number[]) => sparse.bytes(ofFilter(group)),
    encode: (group: readonly number[]) => sparse.encode(ofFilter(group)),
  };
  const begin = SUMS + 6;
  const afterStep = walk.ring === 'pixels' ? () => wrap(p, walk, task.weights === 'bitmap' ? 1 : undefined) : undefined;
  forGroups(p, task, groupsOf(stage.shape.channels, 1), weights, ([sum]) => {
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'standing row',
      visit() {
        p.op('movw', begin, X);
        sparse.add(p, sum, afterStep);
        p.op('movw', X, begin);
      },
      absent: () => sparse.add(p, sum, undefined, input.zeroPoint),
    });
  });
}
