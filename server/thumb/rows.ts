import type { Machine, Task } from '../machine/machine.ts';
import { takerOf } from '../machine/schedule.ts';
import { walkOf } from '../machine/walk.ts';
import { addTo, modulo, multiply } from './arithmetic.ts';
import { countUp, loadCounter, pointTo, pointToCounters } from './counters.ts';
import { closeDense, foldDense, pointToPiece } from './dense.ts';
import { INPUTS, join } from './join.ts';
import { pointToRow } from './place.ts';
import { takePool } from './poolrows.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, TAP, W, X, Y } from './registers.ts';
import { FIRST_ROW, LIMIT } from './walk.ts';
import { emitColumns } from './window.ts';

/** A word of the stack frame: the weights of the next pixel that a dense layer takes. */
const PIECE = 'piece';

/** Emits what a row-streamed stage does once it may: it makes a row or takes one. Y points to the counters, before and after. */
export function emitRow(p: Program, machine: Machine, task: Task): void {
  const { stage } = task;
  if (stage.op === 'dense') takeDense(p, machine, task);
  else if (task.folds) takePool(p, machine, task);
  else {
    if (stage.window) makeWindows(p, machine, task);
    else makeJoin(p, machine, task);
    pointToCounters(p, machine);
    countUp(p, machine, `rows_${stage.name}`, TAP, A);
    const taker = takerOf(machine, task);
    if (taker) p.of(taker.stage.name, () => completeDense(p, machine, taker));
  }
}

function makeWindows(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, output } = task;
  const [input] = inputs;
  const { strideY, padTop, padLeft } = stage.window!;
  const row = input.width * input.channels;
  const left = padLeft * input.channels;
  const { ring, clippedY } = walkOf(task);
  const taker = takerOf(machine, task);
  const made = B;
  loadCounter(p, machine, made, `rows_${stage.name}`);
  if (taker) pointToPieces(p, task, taker, made);
  else {
    pointToRow(p, X, output, made);
    p.op('mov', W, X);
  }
  if (clippedY || ring || stage.shape.height > 1) multiply(p, made, strideY);
  if (clippedY) {
    p.op('mov', A, made);
    addTo(p, A, -padTop, TAP);
    p.store(A, FIRST_ROW);
  }
  if (ring) {
    // Rows above the input count backwards around the ring.
    const around = Math.ceil(padTop / input.depth) * input.depth;
    pointTo(p, X, input.offset - left);
    if (input.depth > 1) {
      p.op('mov', TAP, X);
      addTo(p, TAP, input.depth * row);
      p.store(TAP, LIMIT);
      addTo(p, made, around - padTop);
      modulo(p, made, input.depth, (stage.shape.height - 1) * strideY + around - padTop, [A, TAP]);
      addProduct(p, X, made, row);
    }
  } else {
    pointTo(p, X, input.offset - padTop * row - left);
    if (stage.shape.height > 1) addProduct(p, X, made, row);
  }
  p.op('mov', FIRST, X);
  if (!taker) {
    p.op('mov', Y, W);
    emitColumns(p, task);
    return;
  }
  emitColumns(
    p,
    task,
    () => pointTo(p, Y, output.offset),
    () => p.of(taker.stage.name, () => takePixel(p, task, taker)),
  );
}

/** PIECE = the weights of the first pixel of the row whose number is in `row`, which is kept. */
function pointToPieces(p: Program, { output }: Task, taker: Task, row: number): void {
  const pieces = output.height * output.width;
  p.of(taker.stage.name, () => {
    p.op('mov', TAP, row);
    pointToPiece(p, taker, pieces, TAP, output.width);
    p.store(W, PIECE);
  });
}

/** The pixel that was just made goes into a dense layer's sums. */
function takePixel(p: Program, { output }: Task, taker: Task): void {
  p.load(W, PIECE);
  pointTo(p, Y, taker.sums!.offset);
  foldDense(p, taker, output.height * output.width, () => pointTo(p, X, output.offset));
  p.store(W, PIECE);
}

function makeJoin(p: Program, machine: Machine, task: Task): void {
  const made = B;
  loadCounter(p, machine, made, `rows_${task.stage.name}`);
  pointToRow(p, Y, task.output, made);
  task.inputs.forEach((input, i) => {
    pointToRow(p, INPUTS[i], input, made);
  });
  join(p, task, task.stage.shape.width);
}

function takeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums } = task;
  const [input] = inputs;
  const row = B;
  if (input.height > 1) loadCounter(p, machine, row, `taken_${stage.name}`);
  pointToRow(p, X, input, row);
  p.op('mov', FIRST, X);
  pointToPiece(p, task, input.height, input.height > 1 ? row : undefined);
  pointTo(p, Y, sums!.offset);
  foldDense(p, task, input.height, () => p.op('mov', X, FIRST));
  pointToCounters(p, machine);
  completeDense(p, machine, task);
}

/** Counts a row that a dense layer has taken; after the last its sums are complete. */
function completeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  countUp(p, machine, `taken_${stage.name}`, TAP, A);
  if (stage.raw) return;
  const open = p.fresh();
  if (input.height > 1) {
    p.op('cmp i', TAP, input.height);
    p.branch('bne', 1 - 1 / input.height, open);
  }
  p.times(1 / input.height, () => {
    pointTo(p, X, sums!.offset);
    pointTo(p, Y, output.offset);
    closeDense(p, task);
    pointToCounters(p, machine);
  });
  p.label(open);
}

/** `register` += the product of `factor` (low, which is lost) and a constant; A is lost. */
function addProduct(p: Program, register: number, factor: number, by: number): void {
  multiply(p, factor, by);
  p.op('adds r', register, register, factor);
}
