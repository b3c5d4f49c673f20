import { walkOf } from '../machine/walk.ts';
import { addTo, pointTo } from './arithmetic.ts';
import { dense } from './dense.ts';
import { inputPair, join } from './join.ts';
import { FIRST, FIRST_ROW, LIMIT, TAP, type Task, Y } from './machine.ts';
import type { Program } from './program.ts';
import { emitColumns, passedInRow } from './window.ts';

/** Emits a stage that runs over whole tensors. */
export function emitWhole(p: Program, task: Task): void {
  const { stage, inputs, output } = task;
  if (stage.op === 'dense') {
    pointTo(p, FIRST, inputs[0].offset);
    pointTo(p, Y, output.offset);
    dense(p, task);
  } else if (stage.window) emitWindows(p, task);
  else {
    inputs.forEach((input, i) => {
      pointTo(p, FIRST, input.offset);
      p.op('movw', inputPair(i), FIRST);
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
  pointTo(p, FIRST, input.offset - padTop * row - padLeft * input.channels);
  pointTo(p, Y, output.offset);
  if (clippedY) {
    p.op('ldi', TAP, -padTop & 255);
    p.op('mov', FIRST_ROW, TAP);
  }
  p.loop(LIMIT, rows, () => {
    emitColumns(p, task);
    if (rows === 1) return;
    addTo(p, FIRST, strideY * row - passedInRow(task));
    if (!clippedY) return;
    p.op('ldi', TAP, strideY);
    p.op('add', FIRST_ROW, TAP);
  });
}
