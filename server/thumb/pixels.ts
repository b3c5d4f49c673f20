import type { Machine, Place, Task } from '../machine/machine.ts';
import { columnShares, rowShares } from '../machine/shares.ts';
import { walkOf } from '../machine/walk.ts';
import { addTo, constant, divide, multiply } from './arithmetic.ts';
import { closePool, FRESH, poolTap } from './channelwise.ts';
import { addCounter, countUp, loadCounter, pointTo, pointToCounters, storeCounter } from './counters.ts';
import { closeDense, foldDense, pointToPiece } from './dense.ts';
import { INPUTS, join } from './join.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, TAP, W, X, Y } from './registers.ts';
import { COLUMN, FIRST_ROW, LIMIT } from './walk.ts';
import { emitWindow, needsColumn } from './window.ts';

/** Emits the next pixel of a stage that is streamed by pixels and may make one. Y points to the counters, before and after. */
export function emitPixel(p: Program, machine: Machine, task: Task): void {
  if (task.stage.window) makeWindow(p, machine, task);
  else {
    task.inputs.forEach((input, i) => {
      pointToPixel(p, machine, INPUTS[i], input, task);
    });
    pointToNext(p, machine, Y, task.output);
    join(p, task, 1);
  }
  pointToCounters(p, machine);
  emitMade(p, machine, task.output);
}

function makeWindow(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, output } = task;
  const { strideY, strideX, padTop, padLeft } = stage.window!;
  const { clippedY } = walkOf(task);
  const keep = (slot: string, counter: string, stride: number, pad: number) => {
    along(p, machine, TAP, counter, stride, -pad);
    p.store(TAP, slot);
  };
  if (clippedY) keep(FIRST_ROW, `y_${output.name}`, strideY, padTop);
  if (needsColumn(task)) keep(COLUMN, `x_${output.name}`, strideX, padLeft);
  pointToPixel(p, machine, X, inputs[0], task);
  p.op('mov', FIRST, X);
  pointToNext(p, machine, Y, output);
  emitWindow(p, task);
}

/** `register` (low) = a counter times a stride, plus an offset; where there is no such counter, the offset. A is lost. */
function along(p: Program, machine: Machine, register: number, name: string, stride: number, offset: number): void {
  if (!machine.counters.has(name)) {
    constant(p, register, offset);
    return;
  }
  loadCounter(p, machine, register, name);
  multiply(p, register, stride);
  addTo(p, register, offset);
}

const isRing = ({ depth, height, width }: Place): boolean => depth > 1 && depth < height * width;

/** `register` = the pixel under the first tap of a stage's next window (of a join: at the same place); LIMIT = the end of its ring. A, B and TAP are lost. */
function pointToPixel(p: Program, machine: Machine, register: number, input: Place, { stage, output }: Task): void {
  const { strideY, strideX, padTop, padLeft } = stage.window ?? { strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };
  const { channels, width } = input;
  const before = (padTop * width + padLeft) * channels;
  const own = () => {
    addCounter(p, machine, register, `y_${output.name}`, strideY * width * channels, [TAP, A]);
    addCounter(p, machine, register, `x_${output.name}`, strideX * channels, [TAP, A]);
  };
  if (input.depth === 1 && input.height * width > 1) {
    pointTo(p, register, input.offset);
    return;
  }
  if (!isRing(input)) {
    pointTo(p, register, input.offset - before);
    own();
    return;
  }
  const round = input.depth * channels;
  // What lies beyond the border counts backwards around the ring.
  const rounds = Math.ceil((input.depth + padTop * width + padLeft) / input.depth);
  const limit = B;
  pointTo(p, limit, input.offset + round);
  if (stage.window) p.store(limit, LIMIT);
  p.op('mov', register, limit);
  addTo(p, register, (rounds - 1) * round - before);
  addCounter(p, machine, register, `at_${input.name}`, channels, [TAP, A]);
  addCounter(p, machine, register, `y_${input.name}`, -width * channels, [TAP, A]);
  addCounter(p, machine, register, `x_${input.name}`, -channels, [TAP, A]);
  own();
  constant(p, A, round);
  for (let i = 0; i < rounds; i++) {
    p.op('cmp', register, limit);
    p.unless('bcc', i === 0 ? 0.3 : 0.7, () => p.op('subs r', register, register, A));
  }
}

/** `register` = where a tensor's next pixel goes, or the newest if it is not yet counted. A, B and TAP are lost. */
function pointToNext(p: Program, machine: Machine, register: number, place: Place): void {
  const { name, channels, width, bytes } = place;
  const to = register === Y ? B : register;
  pointTo(p, to, place.offset);
  if (isRing(place)) addCounter(p, machine, to, `at_${name}`, channels * bytes, [TAP, A]);
  else if (place.depth > 1) {
    addCounter(p, machine, to, `y_${name}`, width * channels * bytes, [TAP, A]);
    addCounter(p, machine, to, `x_${name}`, channels * bytes, [TAP, A]);
  }
  if (to !== register) p.op('mov', register, to);
}

/** A tensor's next pixel is there: the stages that fold it take it, and it is counted. */
export function emitMade(p: Program, machine: Machine, place: Place): void {
  for (const task of machine.tasks) {
    if (task.unit !== 'pixel' || !task.folds || task.inputs[0].name !== place.name) continue;
    p.of(task.stage.name, () => {
      if (task.stage.op === 'dense') takeDense(p, machine, task);
      else takePool(p, machine, task);
    });
  }
  emitAdvance(p, machine, place, Y);
}

/** Counts a pixel of a tensor: its place in the ring, its column and row. TAP and W are lost. */
export function emitAdvance(p: Program, machine: Machine, { name, depth, width }: Place, base: number): void {
  if (machine.counters.has(`at_${name}`)) {
    loadCounter(p, machine, TAP, `at_${name}`, base);
    p.op('adds i', TAP, 1);
    if (depth < 256) p.op('cmp i', TAP, depth);
    else {
      constant(p, W, depth);
      p.op('cmp', TAP, W);
    }
    p.unless('bne', 1 - 1 / depth, () => p.op('movs i', TAP, 0));
    storeCounter(p, machine, TAP, `at_${name}`, W, base);
  }
  if (!machine.counters.has(`y_${name}`)) return;
  if (!machine.counters.has(`x_${name}`)) {
    countUp(p, machine, `y_${name}`, TAP, W, base);
    return;
  }
  countUp(p, machine, `x_${name}`, TAP, W, base);
  p.op('cmp i', TAP, width);
  p.unless('bne', 1 - 1 / width, () => {
    p.op('movs i', TAP, 0);
    storeCounter(p, machine, TAP, `x_${name}`, W, base);
    countUp(p, machine, `y_${name}`, TAP, W, base);
  });
}

function takeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const pixels = input.height * input.width;
  pointToNext(p, machine, X, input);
  p.op('mov', FIRST, X);
  // The number of the pixel.
  if (pixels > 1) {
    constant(p, B, 0);
    addCounter(p, machine, B, `y_${input.name}`, input.width, [TAP, A]);
    addCounter(p, machine, B, `x_${input.name}`, 1, [TAP, A]);
  }
  pointToPiece(p, task, pixels, B);
  pointTo(p, Y, sums!.offset);
  foldDense(p, task, pixels, () => p.op('mov', X, FIRST));
  pointToCounters(p, machine);
  if (stage.raw) return;
  const open = p.fresh();
  isAt(p, machine, `y_${input.name}`, input.height - 1, 1 / input.height, open);
  p.times(1 / input.height, () => isAt(p, machine, `x_${input.name}`, input.width - 1, 1 / input.width, open));
  p.times(1 / pixels, () => {
    pointTo(p, X, sums!.offset);
    pointTo(p, Y, output.offset);
    closeDense(p, task);
    pointToCounters(p, machine);
    emitMade(p, machine, output);
  });
  p.label(open);
}

/** Goes on where a counter has a value, in `share` of the cases; one that there is not has it always. */
function isAt(p: Program, machine: Machine, name: string, value: number, share: number, otherwise: string): void {
  if (!machine.counters.has(name)) return;
  loadCounter(p, machine, TAP, name);
  p.op('cmp i', TAP, value);
  p.branch('bne', 1 - share, otherwise);
}

/** A word of the stack frame: the number of the window's column. */
const WINDOW = 'window';

/** Takes the newest pixel into the running results of the window it lies in, if it lies in one. */
function takePool(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft } = stage.window!;
  const { channels } = stage.shape;
  const passedOver = p.fresh();
  const [row, column] = [B, W];
  /** The pixel's row and column in its window, and the window's column in X. */
  const place = () => {
    const within = (register: number, counter: string, stride: number, size: number, pad: number) => {
      along(p, machine, register, counter, 1, pad);
      divide(p, X, register, stride, size - 1 + pad, TAP);
      p.op('mov', A, X);
      multiply(p, A, stride, TAP);
      p.op('subs r', register, register, A);
    };
    within(row, `y_${input.name}`, strideY, input.height, padTop);
    within(column, `x_${input.name}`, strideX, input.width, padLeft);
  };
  place();
  if (sums) p.store(X, WINDOW);
  const [rows, columns] = [rowShares(task), columnShares(task)];
  const test = (register: number, limit: number, most: number, share: number) => {
    if (most < limit) return;
    p.op('cmp i', register, limit);
    p.branch('bcs', 1 - share, passedOver);
  };
  test(row, kernelY, strideY - 1, rows.inKernel);
  p.times(rows.inKernel, () => {
    test(column, kernelX, strideX - 1, columns.inKernel);
    p.times(columns.inKernel, () => {
      const inKernel = columns.under / Math.max(1e-9, columns.inKernel);
      test(X, stage.shape.width, Math.floor((input.width - 1 + padLeft) / strideX), inKernel);
    });
  });
  if (machine.counters.has(`y_${output.name}`)) {
    p.times(rows.inKernel * columns.under, () => {
      loadCounter(p, machine, TAP, `y_${output.name}`);
      p.op('cmp i', TAP, stage.shape.height);
      p.branch('bcs', 1 - rows.under / Math.max(1e-9, rows.inKernel), passedOver);
    });
  }
  p.times(rows.under * columns.under, () => {
    zeroAtBorder(p, machine, row, `y_${input.name}`, padTop);
    zeroAtBorder(p, machine, column, `x_${input.name}`, padLeft);
    // Not zero for the window's first pixel.
    p.op('orrs', row, column);
    p.op('subs i', row, 1);
    p.op('asrs i', row, row, 31);
    p.store(row, FRESH);
    pointToNext(p, machine, X, input);
    p.op('mov', FIRST, X);
    if (sums) pointToSums(p, Y, sums, channels);
    else pointToNext(p, machine, Y, output);
    poolTap(p, task);
    pointToCounters(p, machine);
    place();
    lastInWindow(p, machine, row, kernelY - 1, `y_${input.name}`, input.height - 1, rows.last, passedOver);
    p.times(rows.last, () => lastInWindow(p, machine, column, kernelX - 1, `x_${input.name}`, input.width - 1, columns.last, passedOver));
    p.times(rows.last * columns.last, () => {
      if (sums) {
        const from = 5;
        pointToSums(p, from, sums, channels);
        pointToNext(p, machine, Y, output);
        p.op('mov', X, from);
        if (stage.op === 'averagePool') closePool(p, task, channels);
        else copy(p, channels);
        pointToCounters(p, machine);
      }
      emitMade(p, machine, output);
    });
  });
  p.label(passedOver);
}

/** `register` = the running results of the window whose column is in WINDOW; A and TAP are lost. */
function pointToSums(p: Program, register: number, { offset, bytes }: NonNullable<Task['sums']>, channels: number): void {
  pointTo(p, register, offset);
  p.load(TAP, WINDOW);
  multiply(p, TAP, channels * bytes);
  p.op('adds r', register, register, TAP);
}

/** Copies `count` bytes from X to Y. */
function copy(p: Program, count: number): void {
  const again = p.fresh();
  constant(p, A, count);
  p.label(again);
  p.times(count, () => {
    p.op('ldrb', TAP, X, 0);
    p.op('strb', TAP, Y, 0);
    p.op('adds i', X, 1);
    p.op('adds i', Y, 1);
    p.op('subs i', A, 1);
    p.branch('bne', (count - 1) / count, again);
  });
}

/** A window that hangs over the border begins with the input's first row, or column. */
function zeroAtBorder(p: Program, machine: Machine, register: number, counter: string, pad: number): void {
  if (pad === 0 || !machine.counters.has(counter)) {
    if (pad > 0) p.op('movs i', register, 0);
    return;
  }
  loadCounter(p, machine, TAP, counter);
  p.op('cmp i', TAP, 0);
  p.unless('bne', 0.8, () => p.op('movs i', register, 0));
}

/** Goes on at the last row (or column) of a window, or of the input: in `share` of the cases. */
function lastInWindow(
  p: Program,
  machine: Machine,
  register: number,
  last: number,
  counter: string,
  end: number,
  share: number,
  otherwise: string,
): void {
  if (!machine.counters.has(counter) || last === 0) return;
  const complete = p.fresh();
  p.op('cmp i', register, last);
  p.branch('beq', share, complete);
  p.times(1 - share, () => {
    loadCounter(p, machine, TAP, counter);
    p.op('cmp i', TAP, end);
    p.branch('bne', 1, otherwise);
  });
  p.label(complete);
}
