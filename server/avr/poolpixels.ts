import { columnsOf, rowsOf } from '../machine/axis.ts';
import type { Machine, Task } from '../machine/machine.ts';
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
  const { width, height, channels } = stage.shape;
  const passedOver = p.fresh();
  const [rows, columns] = [rowsOf(task), columnsOf(task)];
  const [y, x] = [`y_${input.name}`, `x_${input.name}`];
  const [row, column, window] = [KERNEL_ROWS, COLUMN, COUNT];
  const mostColumn = columns.size - 1 + columns.pad;
  /** The pixel's row and column in its window, and the window's column. */
  const place = () => {
    along(p, machine, row, y, 1, rows.pad);
    modulo(p, row, rows.stride, rows.size - 1 + rows.pad);
    along(p, machine, column, x, 1, columns.pad);
    modulo(p, column, columns.stride, mostColumn, window);
  };
  place();
  const test = (register: number, limit: number, most: number, share: number) => {
    if (most < limit) return;
    p.op('cpi', register, limit);
    p.branch('brcc', 1 - share, passedOver);
  };
  test(row, rows.kernel, rows.stride - 1, rows.under);
  p.times(rows.stride > rows.kernel ? rows.under : 1, () => test(column, columns.kernel, columns.stride - 1, columns.under));
  test(window, width, Math.floor(mostColumn / columns.stride), 1);
  if (machine.counters.has(`y_${output.name}`)) {
    loadCounter(p, machine, TAP, `y_${output.name}`);
    p.op('cpi', TAP, height);
    p.branch('brcc', 0, passedOver);
  }
  p.times(rows.under * columns.under, () => {
    zeroAtBorder(p, machine, row, y, rows.pad);
    zeroAtBorder(p, machine, column, x, columns.pad);
    // Not zero for the window's first pixel.
    p.op('or', row, column);
    isFirst(p);
    pointToNext(p, machine, X, input);
    if (sums) {
      pointTo(p, Z, sums.offset);
      addProduct(p, Z, window, channels * sums.bytes);
    } else pointToNext(p, machine, Z, output);
    p.op('movw', Y, Z);
    poolTap(p, task);
    pointToCounters(p, machine);
    place();
    lastInWindow(p, machine, [row], y, rows, passedOver);
    p.times(rows.last, () => lastInWindow(p, machine, [column], x, columns, passedOver));
    p.times(rows.last * columns.last, () => {
      if (sums) {
        pointTo(p, Z, sums.offset);
        addProduct(p, Z, window, channels * sums.bytes);
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
