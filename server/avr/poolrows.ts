import { type Axis, columnsOf, rowsOf } from '../machine/axis.ts';
import type { Machine, Task } from '../machine/machine.ts';
import { addConstant, addProduct, addTo, modulo, pointTo } from './arithmetic.ts';
import { pointToCounters } from './counters.ts';
import { pointToRow } from './place.ts';
import { closePool, poolTap } from './pool.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, FIRST, KERNEL_ROWS, TAP, WEIGHT, X, Y, Z } from './registers.ts';
import { compareWith, countUp, loadRow, scaled, subtract, times, type Wide } from './wide.ts';
import { emitColumns } from './window.ts';

/** A row-streamed pool takes a row of its input into its running results. Y points to the counters, before and after. */
export function takePool(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const { padTop, padLeft } = stage.window!;
  const taken = `taken_${stage.name}`;
  const passedOver = p.fresh();
  const { place, made } = findRow(p, machine, task, passedOver);
  p.times(rowsOf(task).under, () => {
    join(p, place);
    zeroAtBorder(p, machine, KERNEL_ROWS, taken, padTop);
    isFirst(p);
    pointToRow(p, FIRST, input, loadRow(p, machine, taken, [COLUMN, Z]), Z);
    addTo(p, FIRST, -padLeft * input.channels);
    pointToRunning(p, task, made);
    emitColumns(p, task);
    pointToCounters(p, machine);
  });
  p.label(passedOver);
  completePool(p, machine, task);
}

/** A row-streamed pool takes a pixel as it is made, whose column `findColumn` puts into COUNT. FIRST, COLUMN, LIMIT and FIRST_ROW are kept. */
export function takePooled(p: Program, machine: Machine, task: Task, findColumn: () => void): void {
  const { stage, inputs, sums } = task;
  const [input] = inputs;
  const { kernelX, strideX, padTop, padLeft } = stage.window!;
  const { width, channels } = stage.shape;
  const passedOver = p.fresh();
  const [rows, columns] = [rowsOf(task), columnsOf(task)];
  const most = input.width - 1 + padLeft;
  pointToCounters(p, machine);
  const { place, made } = findRow(p, machine, task, passedOver);
  p.times(rows.under, () => {
    join(p, place);
    zeroAtBorder(p, machine, KERNEL_ROWS, `taken_${stage.name}`, padTop);
    findColumn();
    if (padLeft > 0) {
      // A window that hangs over the border begins with the first column.
      p.op('and', COUNT, COUNT);
      p.unless('brne', 1 - 1 / input.width, () => p.op('ldi', COUNT, -padLeft & 255));
    }
    addConstant(p, [COUNT], padLeft);
    modulo(p, COUNT, strideX, most, Z);
    if (strideX > kernelX) {
      p.op('cpi', COUNT, kernelX);
      p.branch('brcc', 1 - columns.under, passedOver);
    }
    if (Math.floor(most / strideX) >= width) {
      p.op('cpi', Z, width);
      p.branch('brcc', strideX > kernelX ? 0 : 1 - columns.under, passedOver);
    }
    p.times(columns.under, () => {
      p.op('or', KERNEL_ROWS, COUNT);
      isFirst(p);
      pointToRunning(p, task, made);
      addProduct(p, Y, Z, channels * (sums?.bytes ?? 1));
      pointTo(p, X, input.offset);
      poolTap(p, task);
    });
  });
  p.label(passedOver);
}

/** Counts a row that a pool has taken; the last of a window completes a row of its own. */
export function completePool(p: Program, machine: Machine, task: Task): void {
  const { stage, sums, output } = task;
  const axis = rowsOf(task);
  const [taken, made] = [`taken_${stage.name}`, `rows_${stage.name}`];
  const open = p.fresh();
  const { place, made: rows } = findRow(p, machine, task, open);
  p.times(axis.under, () => {
    lastInWindow(p, machine, place, taken, axis, open);
    p.times(axis.last, () => {
      if (sums) {
        pointToRow(p, Y, output, rows, Z + 1);
        pointTo(p, FIRST, sums.offset);
        p.op('movw', Z, FIRST);
        closePool(p, task, COLUMN, stage.shape.width * stage.shape.channels);
        pointToCounters(p, machine);
      }
      countUp(p, machine, made);
    });
  });
  p.label(open);
  countUp(p, machine, taken);
}

/** Where in its window the row lies that is taken, from KERNEL_ROWS on, and the rows made; goes to `passedOver` where it lies in none. */
function findRow(p: Program, machine: Machine, task: Task, passedOver: string): { place: Wide; made: Wide } {
  const { stage } = task;
  const { kernelY, strideY, padTop } = stage.window!;
  const { under } = rowsOf(task);
  const place = loadRow(p, machine, `taken_${stage.name}`, [KERNEL_ROWS, X]);
  const made = loadRow(p, machine, `rows_${stage.name}`, [WEIGHT, Z + 1]);
  addConstant(p, place, padTop);
  if (place.length === 1) {
    times(p, TAP, WEIGHT, strideY);
    p.op('sub', KERNEL_ROWS, TAP);
  } else if (stage.shape.height > 1) subtract(p, place, scaled(p, made, strideY, [Z, X + 1]));
  compareWith(p, place, kernelY, TAP);
  p.branch('brcc', 1 - under, passedOver);
  p.times(under, () => {
    compareWith(p, made, stage.shape.height, TAP);
    p.branch('brcc', 0, passedOver);
  });
  return { place, made };
}

/** The lower register becomes zero only where both are. */
function join(p: Program, [low, high]: Wide): void {
  if (high !== undefined) p.op('or', low, high);
}

/** Y = where the running results of a row begin; r16, r19 and the row's upper byte are lost. */
function pointToRunning(p: Program, { sums, output }: Task, row: Wide): void {
  if (sums) pointTo(p, Y, sums.offset);
  else pointToRow(p, Y, output, row, Z + 1);
}

/** KERNEL_ROWS, a place in a window, becomes not zero for the first. */
export function isFirst(p: Program): void {
  p.op('subi', KERNEL_ROWS, 1);
  p.op('sbc', KERNEL_ROWS, KERNEL_ROWS);
}

/** A window that hangs over the border begins with the input's first row, or column. */
export function zeroAtBorder(p: Program, machine: Machine, register: number, counter: string, pad: number): void {
  if (pad === 0 || !machine.counters.has(counter)) {
    if (pad > 0) p.op('ldi', register, 0);
    return;
  }
  const [low, high] = loadRow(p, machine, counter, [TAP, Z]);
  p.op(high === undefined ? 'and' : 'or', low, high ?? low);
  p.unless('brne', 0.8, () => p.op('ldi', register, 0));
}

/** Goes on at the last row (or column) of a window, or of the input. */
export function lastInWindow(p: Program, machine: Machine, place: Wide, counter: string, axis: Axis, otherwise: string): void {
  const { size, kernel, last } = axis;
  if (!machine.counters.has(counter) || kernel === 1) return;
  const complete = p.fresh();
  compareWith(p, place, kernel - 1, COUNT);
  p.branch('breq', last, complete);
  p.times(1 - last, () => {
    compareWith(p, loadRow(p, machine, counter, [TAP, Z]), size - 1, COUNT);
    p.branch('brne', 1, otherwise);
  });
  p.label(complete);
}
