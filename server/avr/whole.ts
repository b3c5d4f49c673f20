import type { Task } from '../machine/machine.ts';
import { passedInRow, walkOf } from '../machine/walk.ts';
import { addConstant, addTo, pointTo } from './arithmetic.ts';
import { dense } from './dense.ts';
import { inputPair, join } from './join.ts';
import type { Program } from './program.ts';
import { FIRST, FIRST_ROW, KERNEL_ROWS, LIMIT, TAP, WEIGHT, Y } from './registers.ts';
import { LONGEST_SIDE, nearBorder, scaled } from './wide.ts';
import { emitColumns } from './window.ts';

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
  const isLong = clippedY && input.height > LONGEST_SIDE;
  if (clippedY && !isLong) {
    p.op('ldi', TAP, -padTop & 255);
    p.op('mov', FIRST_ROW, TAP);
  }
  p.loop(LIMIT, rows, () => {
    if (isLong) countedRow(p, task);
    emitColumns(p, task);
    if (rows === 1) return;
    addTo(p, FIRST, strideY * row - passedInRow(task));
    if (!clippedY || isLong) return;
    p.op('ldi', TAP, strideY);
    p.op('add', FIRST_ROW, TAP);
  });
}

/** FIRST_ROW from the rows that are left, which LIMIT counts down. */
function countedRow(p: Program, { stage, inputs: [input] }: Task): void {
  const { padTop, strideY, rows } = stage.window!;
  const made = [KERNEL_ROWS, WEIGHT];
  p.op('ldi', KERNEL_ROWS, rows & 255);
  p.op('ldi', WEIGHT, rows > 256 ? rows >> 8 : 0);
  p.op('sub', KERNEL_ROWS, LIMIT);
  if (rows > 256) p.op('sbc', WEIGHT, LIMIT + 1);
  const first = scaled(p, made, strideY, made);
  addConstant(p, first, -padTop);
  nearBorder(p, first, input);
  p.op('mov', FIRST_ROW, KERNEL_ROWS);
}
