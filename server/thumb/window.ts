import type { Task } from '../machine/machine.ts';
import { passed, walkOf } from '../machine/walk.ts';
import { addTo, constant, moveFirst } from './arithmetic.ts';
import { convolution } from './convolution.ts';
import { depthwise } from './depthwise.ts';
import { pool, poolRow } from './pool.ts';
import type { Program } from './program.ts';
import { A, B } from './registers.ts';
import { COLUMN } from './walk.ts';

/** Emits one window of a stage; FIRST has moved on by `passed` bytes afterwards. */
export function emitWindow(p: Program, task: Task): void {
  if (task.stage.op === 'conv2d') convolution(p, task);
  else if (task.stage.op === 'depthwise') depthwise(p, task);
  else if (task.folds) poolRow(p, task);
  else pool(p, task);
}

/** Whether the input's column under a window's first tap is kept in COLUMN. */
export const needsColumn = (task: Task): boolean => walkOf(task).clippedX;

/** A word of the stack frame: windows of a row to come, where COLUMN does not tell. */
export const COLUMNS = 'columns';

/** Emits the windows of a row, from left to right, from FIRST at the first; `before` and `after` each of them. */
export function emitColumns(p: Program, task: Task, before?: () => void, after?: () => void): void {
  const { columns, strideX, padLeft } = task.stage.window!;
  const step = strideX * task.inputs[0].channels - passed(task);
  const one = () => {
    before?.();
    emitWindow(p, task);
    after?.();
    if (columns > 1) moveFirst(p, step);
  };
  if (!needsColumn(task)) {
    p.loop(COLUMNS, columns, one);
    return;
  }
  const again = p.fresh();
  constant(p, A, -padLeft);
  p.store(A, COLUMN);
  p.label(again);
  p.times(columns, () => {
    one();
    if (columns === 1) return;
    p.load(A, COLUMN);
    addTo(p, A, strideX, B);
    p.store(A, COLUMN);
    constant(p, B, columns * strideX - padLeft);
    p.op('cmp', A, B);
    p.branch('bne', (columns - 1) / columns, again);
  });
}
