import type { Task } from '../machine/machine.ts';
import { passedInRow, walkOf } from '../machine/walk.ts';
import { addTo, constant, moveFirst } from './arithmetic.ts';
import { pointTo } from './counters.ts';
import { dense } from './dense.ts';
import { INPUTS, join } from './join.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, X, Y } from './registers.ts';
import { FIRST_ROW } from './walk.ts';
import { emitColumns } from './window.ts';

/** Emits a stage that runs over whole tensors. */
export function emitWhole(p: Program, task: Task): void {
  const { stage, inputs, output } = task;
  if (stage.op === 'dense') {
    pointTo(p, Y, output.offset);
    dense(p, task, () => pointTo(p, X, inputs[0].offset));
  } else if (stage.window) emitWindows(p, task);
  else {
    inputs.forEach((input, i) => {
      pointTo(p, INPUTS[i], input.offset);
    });
    pointTo(p, Y, output.offset);
    join(p, task, stage.shape.height * stage.shape.width);
  }
}

function emitWindows(p: Program, task: Task): void {
  const { stage, inputs, output } = task;
  const [input] = inputs;
  const { padTop, padLeft, strideY, rows } = stage.window!;
  const row = input.width * input.channels;
  const { clippedY } = walkOf(task);
  pointTo(p, X, input.offset - padTop * row - padLeft * input.channels);
  p.op('mov', FIRST, X);
  pointTo(p, Y, output.offset);
  if (clippedY) {
    constant(p, A, -padTop);
    p.store(A, FIRST_ROW);
  }
  p.loop('output rows', rows, () => {
    emitColumns(p, task);
    if (rows === 1) return;
    moveFirst(p, strideY * row - passedInRow(task));
    if (!clippedY) return;
    p.load(A, FIRST_ROW);
    addTo(p, A, strideY, B);
    p.store(A, FIRST_ROW);
  });
}
