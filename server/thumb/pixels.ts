import type { Machine, Place, Task } from '../machine/machine.ts';
import { foldersOf } from '../machine/schedule.ts';
import { walkOf } from '../machine/walk.ts';
import { constant } from './arithmetic.ts';
import { addCounter, along, countUp, loadCounter, pointTo, pointToCounters, storeCounter } from './counters.ts';
import { closeDense, foldDense, pointToPiece } from './dense.ts';
import { INPUTS, join } from './join.ts';
import { pointToNext, pointToPixel } from './place.ts';
import { takePool } from './poolpixels.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, TAP, W, X, Y } from './registers.ts';
import { COLUMN, FIRST_ROW } from './walk.ts';
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

/** A tensor's next pixel is there: the stages that fold it take it, and it is counted. */
export function emitMade(p: Program, machine: Machine, place: Place): void {
  for (const task of foldersOf(machine, place))
    p.of(task.stage.name, () => {
      if (task.stage.op === 'dense') takeDense(p, machine, task);
      else takePool(p, machine, task, () => emitMade(p, machine, task.output));
    });
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
