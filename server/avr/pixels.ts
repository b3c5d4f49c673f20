import type { Machine, Place, Task } from '../machine/machine.ts';
import { columnShares, rowShares } from '../machine/shares.ts';
import { walkOf } from '../machine/walk.ts';
import { addProduct, addTo, modulo, pointTo } from './arithmetic.ts';
import { closePool, poolTap } from './channelwise.ts';
import { addCounter, loadCounter, pointToCounters, storeCounter } from './counters.ts';
import { closeDense, foldDense } from './dense.ts';
import { inputPair, join } from './join.ts';
import { isFirst, lastInWindow, zeroAtBorder } from './pools.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, FIRST, FIRST_ROW, KERNEL_ROWS, LIMIT, TAP, WEIGHT, X, Y, Z, ZERO } from './registers.ts';
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

/** `register` = a counter times a stride, plus an offset; where there is no such counter, the offset. r16 may be lost. */
function along(p: Program, machine: Machine, register: number, name: string, stride: number, offset: number): void {
  if (!machine.counters.has(name)) {
    p.op('ldi', register, offset & 255);
    return;
  }
  loadCounter(p, machine, register, name);
  if (stride === 2) p.op('add', register, register);
  else if (stride > 2) {
    p.op('ldi', KERNEL_ROWS, stride);
    p.op('mul', register, KERNEL_ROWS);
    p.op('mov', register, 0);
  }
  if (offset !== 0) p.op('subi', register, -offset & 255);
}

const isRing = ({ depth, height, width }: Place): boolean => depth > 1 && depth < height * width;

/** FIRST = the pixel under the first tap of a stage's next window (of a join: at the same place); LIMIT = the end of its ring. */
function pointToPixel(p: Program, machine: Machine, input: Place, { stage, output }: Task): void {
  const { strideY, strideX, padTop, padLeft } = stage.window ?? { strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };
  const { channels, width } = input;
  const before = (padTop * width + padLeft) * channels;
  const own = () => {
    addCounter(p, machine, FIRST, `y_${output.name}`, strideY * width * channels);
    addCounter(p, machine, FIRST, `x_${output.name}`, strideX * channels);
  };
  if (input.depth === 1 && input.height * width > 1) {
    pointTo(p, FIRST, input.offset);
    return;
  }
  if (!isRing(input)) {
    pointTo(p, FIRST, input.offset - before);
    own();
    return;
  }
  const round = input.depth * channels;
  // What lies beyond the border counts backwards around the ring.
  const rounds = Math.ceil((input.depth + padTop * width + padLeft) / input.depth);
  pointTo(p, LIMIT, input.offset + round);
  p.op('movw', FIRST, LIMIT);
  addTo(p, FIRST, (rounds - 1) * round - before);
  addCounter(p, machine, FIRST, `at_${input.name}`, channels);
  addCounter(p, machine, FIRST, `y_${input.name}`, -width * channels);
  addCounter(p, machine, FIRST, `x_${input.name}`, -channels);
  own();
  for (let i = 0; i < rounds; i++) {
    p.op('cp', FIRST, LIMIT);
    p.op('cpc', FIRST + 1, LIMIT + 1);
    p.unless('brcs', i === 0 ? 0.3 : 0.7, () => {
      p.op('subi', FIRST, round & 255);
      p.op('sbci', FIRST + 1, round >> 8);
    });
  }
}

/** `pair` = where a tensor's next pixel goes, or the newest if it is not yet counted. */
function pointToNext(p: Program, machine: Machine, pair: number, place: Place): void {
  const { name, channels, width, bytes } = place;
  const to = pair === Y ? FIRST_OUT : pair;
  pointTo(p, to, place.offset);
  if (isRing(place)) addCounter(p, machine, to, `at_${name}`, channels * bytes);
  else if (place.depth > 1) {
    addCounter(p, machine, to, `y_${name}`, width * channels * bytes);
    addCounter(p, machine, to, `x_${name}`, channels * bytes);
  }
  if (to !== pair) p.op('movw', pair, to);
}

/** Y holds the counters until the output's place is known. */
const FIRST_OUT = 26;

/** A tensor's next pixel is there: the stages that fold it take it, and it is counted. */
export function emitMade(p: Program, machine: Machine, place: Place): void {
  for (const task of machine.tasks) {
    if (task.unit !== 'pixel' || !task.folds || task.inputs[0].name !== place.name) continue;
    p.of(task.stage.name, () => {
      if (task.stage.op === 'dense') takeDense(p, machine, task);
      else takePool(p, machine, task);
    });
  }
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

/** Takes the newest pixel into the running results of the window it lies in, if it lies in one. */
function takePool(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft } = stage.window!;
  const { channels } = stage.shape;
  const passedOver = p.fresh();
  const [row, column, x] = [KERNEL_ROWS, COLUMN, COUNT];
  /** The pixel's row and column in its window, and the window's column. */
  const place = () => {
    along(p, machine, row, `y_${input.name}`, 1, padTop);
    modulo(p, row, strideY, input.height - 1 + padTop);
    along(p, machine, column, `x_${input.name}`, 1, padLeft);
    modulo(p, column, strideX, input.width - 1 + padLeft, x);
  };
  place();
  const [rows, columns] = [rowShares(task), columnShares(task)];
  const test = (register: number, limit: number, most: number, share: number) => {
    if (most < limit) return;
    p.op('cpi', register, limit);
    p.branch('brcc', 1 - share, passedOver);
  };
  test(row, kernelY, strideY - 1, rows.under);
  p.times(strideY > kernelY ? rows.under : 1, () => test(column, kernelX, strideX - 1, columns.under));
  test(x, stage.shape.width, Math.floor((input.width - 1 + padLeft) / strideX), 1);
  if (machine.counters.has(`y_${output.name}`)) {
    loadCounter(p, machine, TAP, `y_${output.name}`);
    p.op('cpi', TAP, stage.shape.height);
    p.branch('brcc', 0, passedOver);
  }
  p.times(rows.under * columns.under, () => {
    zeroAtBorder(p, machine, row, `y_${input.name}`, padTop);
    zeroAtBorder(p, machine, column, `x_${input.name}`, padLeft);
    // Not zero for the window's first pixel.
    p.op('or', row, column);
    isFirst(p);
    pointToNext(p, machine, X, input);
    if (sums) {
      pointTo(p, Z, sums.offset);
      addProduct(p, Z, x, channels * sums.bytes);
    } else pointToNext(p, machine, Z, output);
    p.op('movw', Y, Z);
    poolTap(p, task);
    pointToCounters(p, machine);
    place();
    lastInWindow(p, machine, [row], kernelY - 1, `y_${input.name}`, input.height - 1, rows.last, passedOver);
    p.times(rows.last, () => lastInWindow(p, machine, [column], kernelX - 1, `x_${input.name}`, input.width - 1, columns.last, passedOver));
    p.times(rows.last * columns.last, () => {
      if (sums) {
        pointTo(p, Z, sums.offset);
        addProduct(p, Z, x, channels * sums.bytes);
        pointToNext(p, machine, Y, output);
        if (stage.op === 'averagePool') closePool(p, task, COLUMN, channels);
        else
          p.loop(COLUMN, channels, () => {
            p.op('ld Z+', TAP);
            p.op('st Y+', TAP);
          });
        pointToCounters(p, machine);
      }
      emitMade(p, machine, output);
    });
  });
  p.label(passedOver);
}
