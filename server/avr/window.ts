import type { Task } from '../machine/machine.ts';
import { passed, walkOf } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { convolution } from './convolution.ts';
import { depthwise } from './depthwise.ts';
import { pool, poolRow } from './pool.ts';
import type { Program } from './program.ts';
import { COLUMN, FIRST } from './registers.ts';
import { tracksColumns } from './walk.ts';

/** Emits one window of a stage; FIRST has moved on by `passed` bytes afterwards. */
export function emitWindow(p: Program, task: Task): void {
  if (task.stage.op === 'conv2d') convolution(p, task);
  else if (task.stage.op === 'depthwise') depthwise(p, task);
  else if (task.folds) poolRow(p, task);
  else pool(p, task);
}

/** Whether COLUMN holds the input's column under a window's first tap; otherwise it is free. */
export function needsColumn(task: Task): boolean {
  const walk = walkOf(task);
  if (task.stage.op !== 'conv2d') return walk.clippedX;
  return task.weights === 'table' && tracksColumns(walk, 'row');
}

/** Emits the windows of a row, from left to right, from FIRST at the first; `before` and `after` each of them, which must keep COLUMN and FIRST. */
export function emitColumns(p: Program, task: Task, before?: () => void, after?: () => void): void {
  const { columns, strideX, padLeft } = task.stage.window!;
  const step = strideX * task.inputs[0].channels - passed(task);
  if (needsColumn(task)) {
    const again = p.fresh();
    p.op('ldi', COLUMN, -padLeft & 255);
    p.label(again);
    p.times(columns, () => {
      before?.();
      emitWindow(p, task);
      after?.();
      if (columns === 1) return;
      addTo(p, FIRST, step);
      p.op('subi', COLUMN, -strideX & 255);
      p.op('cpi', COLUMN, (columns * strideX - padLeft) & 255);
      p.branch('brne', (columns - 1) / columns, again);
    });
    return;
  }
  p.loop(COLUMN, columns, () => {
    before?.();
    emitWindow(p, task);
    after?.();
    if (columns > 1) addTo(p, FIRST, step);
  });
}
