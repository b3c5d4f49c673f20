import { rowStep, type Visit, visitedBytes, visitsRows, type Walk, wrappedStep } from '../machine/walk.ts';
import { addTo, constant } from './arithmetic.ts';
import type { Program } from './program.ts';
import { A, B, TAP, X } from './registers.ts';

/** Words of the stack frame: the end of the input's ring; the row and column of the input under a window's first tap and under the one at hand; kernel rows to come. */
export const LIMIT = 'limit';
export const FIRST_ROW = 'first row';
export const COLUMN = 'column';
const TAP_ROW = 'tap row';
const TAP_COLUMN = 'tap column';
const ROWS = 'rows';

/** Brings X back to the begin of the ring where it is beyond its end, having moved by `step` bytes. */
export function wrap(p: Program, { ring, input }: Walk, step = input.channels): void {
  if (!ring || input.depth === 1) return;
  const bytes = input.depth * input.channels * (ring === 'rows' ? input.width : 1);
  p.load(A, LIMIT);
  p.op('cmp', X, A);
  p.unless('bcc', 1 - Math.min(1, step / bytes), () => addTo(p, X, -bytes));
}

/** Visits all taps of a window, row by row, from X at its first (which may lie beyond the border). X ends behind the last row. A, B, TAP and END are lost. */
export function walkWindow(p: Program, walk: Walk, visit: Visit): void {
  const { window, input, clippedY, insideY, ring } = walk;
  const { kernelY, kernelX, dilationY } = window;
  const walked = visitedBytes(walk, visit.stretch);
  const again = p.fresh();
  const absent = p.fresh();
  if (clippedY && kernelY > 1) {
    p.load(A, FIRST_ROW);
    p.store(A, TAP_ROW);
  }
  if (kernelY > 1) {
    constant(p, A, kernelY);
    p.store(A, ROWS);
    p.label(again);
  }
  p.times(kernelY, () => {
    if (clippedY) {
      p.load(A, kernelY > 1 ? TAP_ROW : FIRST_ROW);
      p.op('cmp i', A, input.height);
      p.branch('bcs', 1 - insideY, absent);
    }
    p.times(insideY, () => walkRow(p, walk, visit));
    if (clippedY) {
      const over = p.fresh();
      p.times(insideY, () => p.op('b', over));
      p.label(absent);
      p.times(1 - insideY, () => {
        visit.absent?.(kernelX * visit.taps);
        addTo(p, X, wrappedStep(walk, walked));
        if (ring === 'pixels') wrap(p, walk);
      });
      p.label(over);
      if (kernelY > 1) {
        p.load(A, TAP_ROW);
        addTo(p, A, dilationY, B);
        p.store(A, TAP_ROW);
      }
    }
    if (kernelY === 1) return;
    addTo(p, X, wrappedStep(walk, rowStep(walk) - walked));
    if (ring !== undefined) wrap(p, walk, wrappedStep(walk, rowStep(walk)));
    p.load(A, ROWS);
    p.op('subs i', A, 1);
    p.store(A, ROWS);
    p.branch('bne', (kernelY - 1) / kernelY, again);
  });
}

function walkRow(p: Program, walk: Walk, visit: Visit): void {
  const { kernelX, dilationX } = walk.window;
  const { input, clippedX } = walk;
  if (visitsRows(walk, visit.stretch)) {
    visit.visit(kernelX * input.channels);
    return;
  }
  const again = p.fresh();
  const absent = p.fresh();
  const next = p.fresh();
  // Columns are counted up from the window's first, or down where none is beyond the border.
  if (clippedX) p.load(A, COLUMN);
  else if (kernelX > 1) constant(p, A, kernelX);
  if (kernelX > 1) {
    p.store(A, TAP_COLUMN);
    p.label(again);
  }
  p.times(kernelX, () => {
    if (clippedX) {
      p.op('cmp i', A, input.width);
      p.branch('bcs', 1 - walk.insideX, absent);
    }
    p.times(walk.insideX, () => visit.visit(visit.taps));
    if (clippedX) {
      p.times(walk.insideX, () => p.op('b', next));
      p.label(absent);
      p.times(1 - walk.insideX, () => {
        visit.absent?.(visit.taps);
        addTo(p, X, visit.taps);
      });
      p.label(next);
    }
    step(p, walk, visit.taps);
    if (kernelX === 1) return;
    p.load(A, TAP_COLUMN);
    if (clippedX) {
      addTo(p, A, dilationX, B);
      p.store(A, TAP_COLUMN);
      p.load(B, COLUMN);
      addTo(p, B, kernelX * dilationX, TAP);
      p.op('cmp', A, B);
    } else {
      p.op('subs i', A, 1);
      p.store(A, TAP_COLUMN);
    }
    p.branch('bne', (kernelX - 1) / kernelX, again);
  });
}

/** From behind `taps` channels of a pixel to the next column's. */
function step(p: Program, walk: Walk, taps: number): void {
  const { input, ring, window } = walk;
  if (ring === 'pixels' && input.depth === 1) {
    // The one pixel that there is may be under one tap only.
    addTo(p, X, -taps);
    return;
  }
  addTo(p, X, wrappedStep(walk, window.dilationX * input.channels - taps));
  if (ring === 'pixels') wrap(p, walk);
}
