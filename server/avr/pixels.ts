import type { Machine, Place, Task } from '../machine/machine.ts';
import { foldersOf } from '../machine/schedule.ts';
import { walkOf } from '../machine/walk.ts';
import { pointTo } from './arithmetic.ts';
import { along, loadCounter, pointToCounters, storeCounter } from './counters.ts';
import { closeDense, foldDense } from './dense.ts';
import { inputPair, join } from './join.ts';
import { pointToNext, pointToPixel } from './place.ts';
import { takePool } from './poolpixels.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, FIRST, FIRST_ROW, LIMIT, TAP, WEIGHT, Y, ZERO } from './registers.ts';
import { countUp } from './wide.ts';
import { emitWindow, needsColumn } from './window.ts';

/** Emits the next pixel of a stage that is streamed by pixels and may make one. Y points to the counters, before and after. */
export function emitPixel(p: Program, machine: Machine, task: Task): void {
  if (task.stage.window) makeWindow(p, machine, task);
  else {
    task.inputs.forEach((input, i) => {
      pointToPixel(p, machine, input, task);
      p.op('movw', inputPair(i), FIRST);
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
  if (clippedY) {
    along(p, machine, TAP, `y_${output.name}`, strideY, -padTop);
    p.op('mov', FIRST_ROW, TAP);
  }
  pointToPixel(p, machine, inputs[0], task);
  if (needsColumn(task)) along(p, machine, COLUMN, `x_${output.name}`, strideX, -padLeft);
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
  emitAdvance(p, machine, place);
}

/** Counts a pixel of a tensor: its place in the ring, its column and row. */
export function emitAdvance(p: Program, machine: Machine, { name, depth, width }: Place): void {
  const at = machine.counters.get(`at_${name}`);
  if (at) {
    loadCounter(p, machine, TAP, `at_${name}`);
    if (at.bytes === 2) {
      loadCounter(p, machine, WEIGHT, `at_${name}`, 1);
      p.op('subi', TAP, 255);
      p.op('sbci', WEIGHT, 255);
      p.op('cpi', TAP, depth & 255);
      p.op('ldi', COUNT, depth >> 8);
      p.op('cpc', WEIGHT, COUNT);
    } else {
      p.op('inc', TAP);
      if (depth < 256) p.op('cpi', TAP, depth);
      else p.op('and', TAP, TAP);
    }
    p.unless('brne', 1 - 1 / depth, () => {
      p.op('ldi', TAP, 0);
      if (at.bytes === 2) p.op('ldi', WEIGHT, 0);
    });
    storeCounter(p, machine, TAP, `at_${name}`);
    if (at.bytes === 2) storeCounter(p, machine, WEIGHT, `at_${name}`, 1);
  }
  if (!machine.counters.has(`y_${name}`)) return;
  if (!machine.counters.has(`x_${name}`)) {
    countUp(p, machine, `y_${name}`);
    return;
  }
  countUp(p, machine, `x_${name}`);
  p.op('cpi', TAP, width);
  p.unless('brne', 1 - 1 / width, () => {
    storeCounter(p, machine, ZERO, `x_${name}`);
    countUp(p, machine, `y_${name}`);
  });
}

function takeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const pixels = input.height * input.width;
  const [low, high] = [COLUMN, LIMIT];
  pointToNext(p, machine, FIRST, input);
  if (pixels > 1) {
    p.op('ldi', low, 0);
    p.op('ldi', high, 0);
    addIndex(p, machine, input, low, high);
  }
  pointTo(p, Y, sums!.offset);
  foldDense(p, task, { pieces: pixels, taps: input.channels, index: pixels > 256 ? [low, high] : [low] });
  pointToCounters(p, machine);
  if (stage.raw) return;
  const open = p.fresh();
  isAt(p, machine, `y_${input.name}`, input.height - 1, 1 / input.height, open);
  isAt(p, machine, `x_${input.name}`, input.width - 1, 1 / input.width, open);
  p.times(1 / pixels, () => {
    pointTo(p, FIRST, sums!.offset);
    pointTo(p, Y, output.offset);
    closeDense(p, task);
    pointToCounters(p, machine);
    emitMade(p, machine, output);
  });
  p.label(open);
}

/** low:high += the number of a tensor's next pixel. */
function addIndex(p: Program, machine: Machine, { name, width }: Place, low: number, high: number): void {
  if (machine.counters.has(`y_${name}`)) {
    loadCounter(p, machine, WEIGHT, `y_${name}`);
    p.op('ldi', TAP, width);
    p.op('mul', WEIGHT, TAP);
    p.op('movw', TAP, 0);
    p.op('mov', low, TAP);
    p.op('mov', high, WEIGHT);
  }
  if (!machine.counters.has(`x_${name}`)) return;
  loadCounter(p, machine, WEIGHT, `x_${name}`);
  p.op('add', low, WEIGHT);
  p.op('adc', high, ZERO);
}

/** Goes on where a counter has a value, in `share` of the cases; one that there is not has it always. */
function isAt(p: Program, machine: Machine, name: string, value: number, share: number, otherwise: string): void {
  if (!machine.counters.has(name)) return;
  loadCounter(p, machine, TAP, name);
  p.op('cpi', TAP, value);
  p.branch('brne', 1 - share, otherwise);
}
