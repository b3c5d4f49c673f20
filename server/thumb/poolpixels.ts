import { type Axis, columnsOf, rowsOf } from '../machine/axis.ts';
import type { Machine, Task } from '../machine/machine.ts';
import { constant, divide, multiply } from './arithmetic.ts';
import { along, loadCounter, pointTo, pointToCounters } from './counters.ts';
import { pointToNext } from './place.ts';
import { closePool, FRESH, poolTap } from './pool.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, TAP, W, X, Y } from './registers.ts';

/** A word of the stack frame: the number of the window's column. */
const WINDOW = 'window';

/** Takes the newest pixel into the running results of the window it lies in, if it lies in one; `made`, where that completes a pixel of its own. */
export function takePool(p: Program, machine: Machine, task: Task, made: () => void): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const { width, height, channels } = stage.shape;
  const passedOver = p.fresh();
  const [rows, columns] = [rowsOf(task), columnsOf(task)];
  const [y, x] = [`y_${input.name}`, `x_${input.name}`];
  const [row, column] = [B, W];
  /** The pixel's row and column in its window, and the window's column in X. */
  const place = () => {
    const within = (register: number, counter: string, { stride, size, pad }: Axis) => {
      along(p, machine, register, counter, 1, pad);
      divide(p, X, register, stride, size - 1 + pad, TAP);
      p.op('mov', A, X);
      multiply(p, A, stride, TAP);
      p.op('subs r', register, register, A);
    };
    within(row, y, rows);
    within(column, x, columns);
  };
  place();
  if (sums) p.store(X, WINDOW);
  const test = (register: number, limit: number, most: number, share: number) => {
    if (most < limit) return;
    p.op('cmp i', register, limit);
    p.branch('bcs', 1 - share, passedOver);
  };
  test(row, rows.kernel, rows.stride - 1, rows.inKernel);
  p.times(rows.inKernel, () => {
    test(column, columns.kernel, columns.stride - 1, columns.inKernel);
    p.times(columns.inKernel, () => {
      const inKernel = columns.under / Math.max(1e-9, columns.inKernel);
      test(X, width, Math.floor((columns.size - 1 + columns.pad) / columns.stride), inKernel);
    });
  });
  if (machine.counters.has(`y_${output.name}`)) {
    p.times(rows.inKernel * columns.under, () => {
      loadCounter(p, machine, TAP, `y_${output.name}`);
      p.op('cmp i', TAP, height);
      p.branch('bcs', 1 - rows.under / Math.max(1e-9, rows.inKernel), passedOver);
    });
  }
  p.times(rows.under * columns.under, () => {
    zeroAtBorder(p, machine, row, y, rows.pad);
    zeroAtBorder(p, machine, column, x, columns.pad);
    // Not zero for the window's first pixel.
    p.op('orrs', row, column);
    p.op('subs i', row, 1);
    p.op('asrs i', row, row, 31);
    p.store(row, FRESH);
    pointToNext(p, machine, X, input);
    p.op('mov', FIRST, X);
    if (sums) pointToSums(p, Y, sums, channels);
    else pointToNext(p, machine, Y, output);
    poolTap(p, task);
    pointToCounters(p, machine);
    place();
    lastInWindow(p, machine, row, y, rows, passedOver);
    p.times(rows.last, () => lastInWindow(p, machine, column, x, columns, passedOver));
    p.times(rows.last * columns.last, () => {
      if (sums) {
        const from = 5;
        pointToSums(p, from, sums, channels);
        pointToNext(p, machine, Y, output);
        p.op('mov', X, from);
        if (stage.op === 'averagePool') closePool(p, task, channels);
        else copy(p, channels);
        pointToCounters(p, machine);
      }
      made();
    });
  });
  p.label(passedOver);
}

/** `register` = the running results of the window whose column is in WINDOW; A and TAP are lost. */
function pointToSums(p: Program, register: number, { offset, bytes }: NonNullable<Task['sums']>, channels: number): void {
  pointTo(p, register, offset);
  p.load(TAP, WINDOW);
  multiply(p, TAP, channels * bytes);
  p.op('adds r', register, register, TAP);
}

/** Copies `count` bytes from X to Y. */
function copy(p: Program, count: number): void {
  const again = p.fresh();
  constant(p, A, count);
  p.label(again);
  p.times(count, () => {
    p.op('ldrb', TAP, X, 0);
    p.op('strb', TAP, Y, 0);
    p.op('adds i', X, 1);
    p.op('adds i', Y, 1);
    p.op('subs i', A, 1);
    p.branch('bne', (count - 1) / count, again);
  });
}

/** A window that hangs over the border begins with the input's first row, or column. */
function zeroAtBorder(p: Program, machine: Machine, register: number, counter: string, pad: number): void {
  if (pad === 0 || !machine.counters.has(counter)) {
    if (pad > 0) p.op('movs i', register, 0);
    return;
  }
  loadCounter(p, machine, TAP, counter);
  p.op('cmp i', TAP, 0);
  p.unless('bne', 0.8, () => p.op('movs i', register, 0));
}

/** Goes on at the last row (or column) of a window, or of the input. */
function lastInWindow(p: Program, machine: Machine, register: number, counter: string, axis: Axis, otherwise: string): void {
  const { size, kernel, last } = axis;
  if (!machine.counters.has(counter) || kernel === 1) return;
  const complete = p.fresh();
  p.op('cmp i', register, kernel - 1);
  p.branch('beq', last, complete);
  p.times(1 - last, () => {
    loadCounter(p, machine, TAP, counter);
    p.op('cmp i', TAP, size - 1);
    p.branch('bne', 1, otherwise);
  });
  p.label(complete);
}
