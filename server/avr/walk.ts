import { rowStep, type Visit, visitedBytes, visitsRows, type Walk, wrappedStep } from '../machine/walk.ts';
import { addConstant, addTo } from './arithmetic.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, FIRST_ROW, KERNEL_ROWS, LIMIT, TAP_COLUMN, TAP_ROW, WEIGHT, X } from './registers.ts';
import { borderOf } from './wide.ts';

/** Brings X back to the begin of the ring where it is beyond its end, having moved by `step` bytes. */
export function wrap(p: Program, { ring, input }: Walk, step = input.channels): void {
  if (!ring || input.depth === 1) return;
  const bytes = input.depth * input.channels * (ring === 'rows' ? input.width : 1);
  p.op('cp', X, LIMIT);
  p.op('cpc', X + 1, LIMIT + 1);
  p.unless('brcs', 1 - Math.min(1, step / bytes), () => {
    p.op('subi', X, bytes & 255);
    p.op('sbci', X + 1, bytes >> 8);
  });
}

/** Whether single columns of a kernel row are told apart by TAP_COLUMN: taps may lie beyond the border, or counters are taken. */
export const tracksColumns = (walk: Walk, stretch: Visit['stretch']): boolean =>
  walk.clippedX || (stretch === 'row' && walk.ring !== 'pixels' && walk.window.dilationX > 1 && walk.window.kernelX > 1);

/**
 * Visits all taps of a window, row by row, from X at its first (which may lie beyond the border). X ends behind the last row.
 * KERNEL_ROWS and r17 are lost, and of COLUMN, COUNT, TAP_ROW and TAP_COLUMN those that are needed.
 */
export function walkWindow(p: Program, walk: Walk, visit: Visit): void {
  const { window, input, clippedY, insideY, ring } = walk;
  const { kernelY, kernelX, dilationY } = window;
  const walked = visitedBytes(walk, visit.stretch);
  const again = p.fresh();
  const absent = p.fresh();
  // So long a window is its stage's only one: no column is counted.
  const isLong = kernelY > 255;
  if (clippedY) p.op('mov', TAP_ROW, FIRST_ROW);
  if (kernelY > 1) {
    p.op('ldi', KERNEL_ROWS, kernelY & 255);
    if (isLong) p.op('ldi', COLUMN, kernelY >> 8);
    p.label(again);
  }
  p.times(kernelY, () => {
    if (clippedY) {
      p.op('mov', WEIGHT, TAP_ROW);
      p.op('cpi', WEIGHT, borderOf(input));
      p.branch('brcc', 1 - insideY, absent);
    }
    p.times(insideY, () => walkRow(p, walk, visit));
    if (clippedY) {
      const over = p.fresh();
      p.times(insideY, () => p.op('rjmp', over));
      p.label(absent);
      p.times(1 - insideY, () => {
        visit.absent?.(kernelX * visit.taps);
        addTo(p, X, wrappedStep(walk, walked));
        if (ring === 'pixels') wrap(p, walk);
      });
      p.label(over);
      for (let i = 0; i < dilationY; i++) p.op('inc', TAP_ROW);
    }
    if (kernelY === 1) return;
    addTo(p, X, wrappedStep(walk, rowStep(walk) - walked));
    if (ring !== undefined) wrap(p, walk, wrappedStep(walk, rowStep(walk)));
    if (isLong) addConstant(p, [KERNEL_ROWS, COLUMN], -1);
    else p.op('dec', KERNEL_ROWS);
    p.branch('brne', (kernelY - 1) / kernelY, again);
  });
}

function walkRow(p: Program, walk: Walk, visit: Visit): void {
  const { kernelX, dilationX } = walk.window;
  const { input, ring } = walk;
  if (visitsRows(walk, visit.stretch)) {
    visit.visit(kernelX * input.channels);
    return;
  }
  const step = () => {
    if (ring === 'pixels' && input.depth === 1) {
      // The one pixel that there is may be under one tap only.
      addTo(p, X, -visit.taps);
      return;
    }
    addTo(p, X, wrappedStep(walk, dilationX * input.channels - visit.taps));
    if (ring === 'pixels') wrap(p, walk);
  };
  if (!tracksColumns(walk, visit.stretch)) {
    p.loop(visit.stretch === 'row' ? COLUMN : COUNT, kernelX, () => {
      visit.visit(visit.taps);
      step();
    });
    return;
  }
  const again = p.fresh();
  const absent = p.fresh();
  const next = p.fresh();
  p.op('mov', TAP_COLUMN, COLUMN);
  p.label(again);
  p.times(kernelX, () => {
    if (walk.clippedX) {
      p.op('mov', WEIGHT, TAP_COLUMN);
      p.op('cpi', WEIGHT, input.width);
      p.branch('brcc', 1 - walk.insideX, absent);
    }
    p.times(walk.insideX, () => visit.visit(visit.taps));
    if (walk.clippedX) {
      p.times(walk.insideX, () => p.op('rjmp', next));
      p.label(absent);
      p.times(1 - walk.insideX, () => {
        visit.absent?.(visit.taps);
        addTo(p, X, visit.taps);
      });
      p.label(next);
    }
    step();
    for (let i = 0; i < dilationX; i++) p.op('inc', TAP_COLUMN);
    p.op('mov', WEIGHT, TAP_COLUMN);
    p.op('sub', WEIGHT, COLUMN);
    p.op('cpi', WEIGHT, kernelX * dilationX);
    p.branch('brne', (kernelX - 1) / kernelX, again);
  });
}
