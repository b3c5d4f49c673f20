import type { Machine, Task } from '../machine/machine.ts';
import { columnShares, rowShares } from '../machine/shares.ts';
import { addProduct, modulo, pointTo } from './arithmetic.ts';
import { along, loadCounter, pointToCounters } from './counters.ts';
import { pointToNext } from './place.ts';
import { closePool, poolTap } from './pool.ts';
import { isFirst, lastInWindow, zeroAtBorder } from './poolrows.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, KERNEL_ROWS, TAP, X, Y, Z } from './registers.ts';

/** Takes the newest pixel into the running results of the window it lies in, if it lies in one; `made`, where that completes a pixel of its own. */
export function takePool(p: Program, machine: Machine, task: Task, made: () => void): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft } = stage.window!;
  const { channels } = stage.shape;
  const passedOver = p.fresh();
  const [row, column, x] = [KERNEL_ROWS, COLUMN, COUNT];
  /** The pixel's row and column in its window, and the window's column. */
  const place = () => {
    along(p, machine, row, `y_${input.name}`, 1, padTop);
    modulo(p, row, strideY, input.height - 1 + padTop);
    along(p, machine, column, `x_${input.name}`, 1, padLeft);
    modulo(p, column, strideX, input.width - 1 + padLeft, x);
  };
  place();
  const [rows, columns] = [rowShares(task), columnShares(task)];
  const test = (register: number, limit: number, most: number, share: number) => {
    if (most < limit) return;
    p.op('cpi', register, limit);
    p.branch('brcc', 1 - share, passedOver);
  };
  test(row, kernelY, strideY - 1, rows.under);
  p.times(strideY > kernelY ? rows.under : 1, () => test(column, kernelX, strideX - 1, columns.under));
  test(x, stage.shape.width, Math.floor((input.width - 1 + padLeft) / strideX), 1);
  if (machine.counters.has(`y_${output.name}`)) {
    loadCounter(p, machine, TAP, `y_${output.name}`);
    p.op('cpi', TAP, stage.shape.height);
    p.branch('brcc', 0, passedOver);
  }
  p.times(rows.under * columns.under, () => {
    zeroAtBorder(p, machine, row, `y_${input.name}`, padTop);
    zeroAtBorder(p, machine, column, `x_${input.name}`, padLeft);
    // Not zero for the window's first pixel.
    p.op('or', row, column);
    isFirst(p);
    pointToNext(p, machine, X, input);
    if (sums) {
      pointTo(p, Z, sums.offset);
      addProduct(p, Z, x, channels * sums.bytes);
    } else pointToNext(p, machine, Z, output);
    p.op('movw', Y, Z);
    poolTap(p, task);
    pointToCounters(p, machine);
    place();
    lastInWindow(p, machine, [row], kernelY - 1, `y_${input.name}`, input.height - 1, rows.last, passedOver);
    p.times(rows.last, () => lastInWindow(p, machine, [column], kernelX - 1, `x_${input.name}`, input.width - 1, columns.last, passedOver));
    p.times(rows.last * columns.last, () => {
      if (sums) {
        pointTo(p, Z, sums.offset);
        addProduct(p, Z, x, channels * sums.bytes);
        pointToNext(p, machine, Y, output);
        if (stage.op === 'averagePool') closePool(p, task, COLUMN, channels);
        else
          p.loop(COLUMN, channels, () => {
            p.op('ld Z+', TAP);
            p.op('st Y+', TAP);
          });
        pointToCounters(p, machine);
      }
      made();
    });
  });
  p.label(passedOver);
}
