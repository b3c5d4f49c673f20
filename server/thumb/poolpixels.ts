import type { Machine, Task } from '../machine/machine.ts';
import { columnShares, rowShares } from '../machine/shares.ts';
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
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft } = stage.window!;
  const { channels } = stage.shape;
  const passedOver = p.fresh();
  const [row, column] = [B, W];
  /** The pixel's row and column in its window, and the window's column in X. */
  const place = () => {
    const within = (register: number, counter: string, stride: number, size: number, pad: number) => {
      along(p, machine, register, counter, 1, pad);
      divide(p, X, register, stride, size - 1 + pad, TAP);
      p.op('mov', A, X);
      multiply(p, A, stride, TAP);
      p.op('subs r', register, register, A);
    };
    within(row, `y_${input.name}`, strideY, input.height, padTop);
    within(column, `x_${input.name}`, strideX, input.width, padLeft);
  };
  place();
  if (sums) p.store(X, WINDOW);
  const [rows, columns] = [rowShares(task), columnShares(task)];
  const test = (register: number, limit: number, most: number, share: number) => {
    if (most < limit) return;
    p.op('cmp i', register, limit);
    p.branch('bcs', 1 - share, passedOver);
  };
  test(row, kernelY, strideY - 1, rows.inKernel);
  p.times(rows.inKernel, () => {
    test(column, kernelX, strideX - 1, columns.inKernel);
    p.times(columns.inKernel, () => {
      const inKernel = columns.under / Math.max(1e-9, columns.inKernel);
      test(X, stage.shape.width, Math.floor((input.width - 1 + padLeft) / strideX), inKernel);
    });
  });
  if (machine.counters.has(`y_${output.name}`)) {
    p.times(rows.inKernel * columns.under, () => {
      loadCounter(p, machine, TAP, `y_${output.name}`);
      p.op('cmp i', TAP, stage.shape.height);
      p.branch('bcs', 1 - rows.under / Math.max(1e-9, rows.inKernel), passedOver);
    });
  }
  p.times(rows.under * columns.under, () => {
    zeroAtBorder(p, machine, row, `y_${input.name}`, padTop);
    zeroAtBorder(p, machine, column, `x_${input.name}`, padLeft);
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
    lastInWindow(p, machine, row, kernelY - 1, `y_${input.name}`, input.height - 1, rows.last, passedOver);
    p.times(rows.last, () => lastInWindow(p, machine, column, kernelX - 1, `x_${input.name}`, input.width - 1, columns.last, passedOver));
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

/** Goes on at the last row (or column) of a window, or of the input: in `share` of the cases. */
function lastInWindow(
  p: Program,
  machine: Machine,
  register: number,
  last: number,
  counter: string,
  end: number,
  share: number,
  otherwise: string,
): void {
  if (!machine.counters.has(counter) || last === 0) return;
  const complete = p.fresh();
  p.op('cmp i', register, last);
  p.branch('beq', share, complete);
  p.times(1 - share, () => {
    loadCounter(p, machine, TAP, counter);
    p.op('cmp i', TAP, end);
    p.branch('bne', 1, otherwise);
  });
  p.label(complete);
}
