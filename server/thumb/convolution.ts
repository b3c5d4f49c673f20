import type { Task } from '../machine/machine.ts';
import { visitsRows, type Walk, walkOf } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { fromCode, isWrittenOut } from './code.ts';
import { channelBytes, channelWords, finishGroup, forGroups, groupsOf, padding, scalingOf } from './groups.ts';
import { addTaps, beginSums } from './products.ts';
import type { Program } from './program.ts';
import { FIRST, W, X } from './registers.ts';
import { stepOf, tabledOf, weightBytes, weightsOf, weightTable } from './summing.ts';
import { walkWindow } from './walk.ts';

/** Emits the convolution of one window, from FIRST to Y, which moves on. */
export function convolution(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const scaling = scalingOf(task);
  const taps = stage.weights!.weight.length / stage.shape.channels;
  const summing = tabledOf(task, stretchOf(walk), taps, !walk.clippedY && !walk.clippedX);
  if (task.weights === 'code' && isWrittenOut(stage, summing)) {
    fromCode(p, task);
    return;
  }
  const groups = groupsOf(stage.shape.channels, summing.most, stepOf(summing));
  const fill = (size: number) => padding(weightBytes(summing, size, taps));
  const bytes = groups.map((group) => weightBytes(summing, group.length, taps) + fill(group.length).length + channelBytes(group, scaling));
  const tables = () =>
    groups.flatMap((group) => [
      ...weightTable(
        summing,
        group.map((channel) => weightsOf(task, channel)),
        input,
      ),
      ...fill(group.length),
      ...channelWords(task, group, scaling, summing),
    ]);
  const table = p.table(
    bytes.reduce((total, each) => total + each, 0),
    tables,
  );
  forGroups(p, groups, table, (size) => {
    beginSums(p, summing, size);
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
    addTo(p, W, fill(size).length);
    finishGroup(p, summing, size, scaling);
  });
}

/** Taps that are visited at once: a row of the kernel, or a pixel where those of a row are told apart. */
const stretchOf = (walk: Walk): number => (visitsRows(walk, 'row') ? walk.window.kernelX : 1) * walk.input.channels;
