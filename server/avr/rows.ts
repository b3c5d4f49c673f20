import type { Machine, Task } from '../machine/machine.ts';
import { takerOf } from '../machine/schedule.ts';
import { walkOf } from '../machine/walk.ts';
import { addConstant, addTo, pointTo } from './arithmetic.ts';
import { pointToCounters } from './counters.ts';
import { closeDense, foldDense } from './dense.ts';
import { inputPair, join } from './join.ts';
import { pointToRow } from './place.ts';
import { completePool, takePool, takePooled } from './poolrows.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, FIRST, FIRST_ROW, KERNEL_ROWS, LIMIT, TAP, WEIGHT, Y, Z } from './registers.ts';
import { addRows, compareWith, countUp, loadRow, nearBorder, reduce, scaled, type Wide } from './wide.ts';
import { emitColumns, needsColumn } from './window.ts';

/** Emits what a row-streamed stage does once it may: it makes a row or takes one. Y points to the counters, before and after. */
export function emitRow(p: Program, machine: Machine, task: Task): void {
  const { stage } = task;
  if (stage.op === 'dense') takeDense(p, machine, task);
  else if (task.folds) takePool(p, machine, task);
  else {
    const row = loadRow(p, machine, `rows_${stage.name}`, [COLUMN, Z]);
    if (stage.window) makeWindows(p, machine, task, row);
    else makeJoin(p, task, row);
    pointToCounters(p, machine);
    countUp(p, machine, `rows_${stage.name}`);
    const taker = takerOf(machine, task);
    if (taker) p.of(taker.stage.name, () => (taker.stage.window ? completePool : completeDense)(p, machine, taker));
  }
}

function makeWindows(p: Program, machine: Machine, task: Task, made: Wide): void {
  const { stage, inputs, output } = task;
  const [input] = inputs;
  const { strideY, padTop, padLeft } = stage.window!;
  const row = input.width * input.channels;
  const { ring, clippedY } = walkOf(task);
  const left = padLeft * input.channels;
  if (clippedY) {
    const first = scaled(p, made, strideY, [KERNEL_ROWS, WEIGHT]);
    addConstant(p, first, -padTop);
    nearBorder(p, first, input);
    p.op('mov', FIRST_ROW, KERNEL_ROWS);
  }
  if (ring) {
    // Rows above the input count backwards around the ring.
    const around = Math.ceil(padTop / input.depth) * input.depth;
    pointTo(p, FIRST, input.offset - left);
    if (input.depth > 1) {
      p.op('movw', LIMIT, FIRST);
      addTo(p, LIMIT, input.depth * row);
      const first = scaled(p, made, strideY, [KERNEL_ROWS, WEIGHT]);
      addConstant(p, first, around - padTop);
      reduce(p, first, input.depth, (stage.shape.height - 1) * strideY + around - padTop);
      addRows(p, FIRST, [KERNEL_ROWS], row);
    }
  } else {
    pointTo(p, FIRST, input.offset - padTop * row - left);
    if (stage.shape.height > 1) addRows(p, FIRST, made, strideY * row);
  }
  const taker = takerOf(machine, task);
  if (!taker) {
    pointToRow(p, Y, output, made);
    emitColumns(p, task);
    return;
  }
  emitColumns(
    p,
    task,
    () => pointTo(p, Y, output.offset),
    () => p.of(taker.stage.name, () => (taker.stage.window ? pooled : summed)(p, machine, task, taker)),
  );
}

/** The pixel that was just made goes into a pool's running results; FIRST, COLUMN, LIMIT and FIRST_ROW are kept. */
function pooled(p: Program, machine: Machine, task: Task, taker: Task): void {
  takePooled(p, machine, taker, () => columnMade(p, task, COUNT));
}

/** `register` = the column of the window that was just made. */
function columnMade(p: Program, task: Task, register: number): void {
  const { columns, padLeft } = task.stage.window!;
  if (needsColumn(task)) {
    p.op('mov', register, COLUMN);
    addConstant(p, [register], padLeft);
  } else {
    // Columns are counted down.
    p.op('ldi', register, columns);
    p.op('sub', register, COLUMN);
  }
}

/** The pixel that was just made goes into a dense layer's sums; FIRST, COLUMN, LIMIT and FIRST_ROW are kept. */
function summed(p: Program, machine: Machine, task: Task, taker: Task): void {
  const { stage, output } = task;
  const pieces = output.height * output.width;
  const [low, high] = [KERNEL_ROWS, COUNT];
  columnMade(p, task, low);
  p.op('ldi', high, 0);
  if (output.height > 1) {
    pointToCounters(p, machine);
    const [row, upper] = loadRow(p, machine, `rows_${stage.name}`, [WEIGHT, Z]);
    p.op('ldi', TAP, output.width);
    p.op('mul', row, TAP);
    p.op('add', low, 0);
    p.op('adc', high, 1);
    if (upper !== undefined) {
      p.op('mul', upper, TAP);
      p.op('add', high, 0);
    }
  }
  pointTo(p, Y, taker.sums!.offset);
  const index = pieces > 256 ? [low, high] : [low];
  foldDense(p, taker, {
    pieces,
    taps: output.channels,
    index,
    offset: output.offset,
    counter: KERNEL_ROWS,
    registers: walkOf(task).clippedY ? 9 : undefined,
  });
}

function makeJoin(p: Program, task: Task, made: Wide): void {
  task.inputs.forEach((input, i) => {
    pointToRow(p, FIRST, input, made);
    p.op('movw', inputPair(i), FIRST);
  });
  pointToRow(p, Y, task.output, made);
  join(p, task, task.stage.shape.width);
}

function takeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums } = task;
  const [input] = inputs;
  const taken = `taken_${stage.name}`;
  const row = input.height > 1 ? loadRow(p, machine, taken, [COLUMN, LIMIT]) : [COLUMN];
  pointToRow(p, FIRST, input, row);
  pointTo(p, Y, sums!.offset);
  foldDense(p, task, { pieces: input.height, taps: input.width * input.channels, index: input.height > 256 ? row : [COLUMN] });
  pointToCounters(p, machine);
  completeDense(p, machine, task);
}

/** Counts a row that a dense layer has taken; after the last its sums are complete. */
function completeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const count = countUp(p, machine, `taken_${stage.name}`);
  if (stage.raw) return;
  const open = p.fresh();
  if (input.height > 1) {
    compareWith(p, count, input.height, COUNT);
    p.branch('brne', 1 - 1 / input.height, open);
  }
  p.times(1 / input.height, () => {
    pointTo(p, FIRST, sums!.offset);
    pointTo(p, Y, output.offset);
    closeDense(p, task);
    pointToCounters(p, machine);
  });
  p.label(open);
}
