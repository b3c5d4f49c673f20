import { walkOf } from '../machine/walk.ts';
import { addProduct, addTo, modulo, pointTo } from './arithmetic.ts';
import { closePool } from './channelwise.ts';
import { countUp, loadCounter, pointToCounters } from './counters.ts';
import { closeDense, foldDense } from './dense.ts';
import { inputPair, join } from './join.ts';
import { COLUMN, COUNT, FIRST, FIRST_ROW, KERNEL_ROWS, LIMIT, type Machine, type Place, TAP, type Task, WEIGHT, Y, Z } from './machine.ts';
import type { Program } from './program.ts';
import { emitColumns } from './window.ts';

/** Emits what a row-streamed stage does once it may: it makes a row or takes one. Y points to the counters, before and after. */
export function emitRow(p: Program, machine: Machine, task: Task): void {
  const { stage } = task;
  if (stage.op === 'dense') takeDense(p, machine, task);
  else if (task.folds) takePool(p, machine, task);
  else {
    loadCounter(p, machine, COLUMN, `rows_${stage.name}`);
    if (stage.window) makeWindows(p, machine, task);
    else makeJoin(p, task);
    pointToCounters(p, machine);
    countUp(p, machine, `rows_${stage.name}`);
    const taker = takerOf(machine, task);
    if (taker) p.of(taker.stage.name, () => completeDense(p, machine, taker));
  }
}

/** The dense layer that takes a stage's pixels as they are made. */
const takerOf = ({ tasks }: Machine, { passesTo }: Task): Task | undefined => tasks.find(({ stage }) => stage.name === passesTo);

function makeWindows(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, output } = task;
  const [input] = inputs;
  const { strideY, padTop, padLeft } = stage.window!;
  const row = input.width * input.channels;
  const { ring, clippedY } = walkOf(task);
  const left = padLeft * input.channels;
  if (clippedY) {
    times(p, KERNEL_ROWS, COLUMN, strideY);
    add(p, KERNEL_ROWS, -padTop);
    p.op('mov', FIRST_ROW, KERNEL_ROWS);
  }
  if (ring) {
    // Rows above the input count backwards around the ring.
    const around = Math.ceil(padTop / input.depth) * input.depth;
    pointTo(p, FIRST, input.offset - left);
    if (input.depth > 1) {
      p.op('movw', LIMIT, FIRST);
      addTo(p, LIMIT, input.depth * row);
      times(p, KERNEL_ROWS, COLUMN, strideY);
      add(p, KERNEL_ROWS, around - padTop);
      modulo(p, KERNEL_ROWS, input.depth, (stage.shape.height - 1) * strideY + around - padTop);
      addProduct(p, FIRST, KERNEL_ROWS, row);
    }
  } else {
    pointTo(p, FIRST, input.offset - padTop * row - left);
    if (stage.shape.height > 1) addProduct(p, FIRST, COLUMN, strideY * row);
  }
  const taker = takerOf(machine, task);
  if (!taker) {
    pointToRow(p, Y, output, COLUMN);
    emitColumns(p, task);
    return;
  }
  emitColumns(
    p,
    task,
    () => pointTo(p, Y, output.offset),
    () => p.of(taker.stage.name, () => takePixel(p, machine, task, taker)),
  );
}

/** The pixel that was just made goes into a dense layer's sums; FIRST, COLUMN, LIMIT and FIRST_ROW are kept. */
function takePixel(p: Program, machine: Machine, { stage, output }: Task, taker: Task): void {
  const { columns, padLeft } = stage.window!;
  const pieces = output.height * output.width;
  const [low, high] = [KERNEL_ROWS, COUNT];
  const { clippedX, clippedY } = walkOf({ ...taker, stage, inputs: [{ ...output, ...stage.inputShapes[0] }] });
  if (clippedX) {
    p.op('mov', low, COLUMN);
    add(p, low, padLeft);
  } else {
    // Columns are counted down.
    p.op('ldi', low, columns);
    p.op('sub', low, COLUMN);
  }
  p.op('ldi', high, 0);
  if (output.height > 1) {
    pointToCounters(p, machine);
    loadCounter(p, machine, WEIGHT, `rows_${stage.name}`);
    p.op('ldi', TAP, output.width);
    p.op('mul', WEIGHT, TAP);
    p.op('add', low, 0);
    p.op('adc', high, 1);
  }
  pointTo(p, Y, taker.sums!.offset);
  const index = pieces > 256 ? [low, high] : [low];
  foldDense(p, taker, {
    pieces,
    taps: output.channels,
    index,
    offset: output.offset,
    counter: KERNEL_ROWS,
    registers: clippedY ? 9 : undefined,
  });
}

function makeJoin(p: Program, task: Task): void {
  task.inputs.forEach((input, i) => {
    pointToRow(p, FIRST, input, COLUMN);
    p.op('movw', inputPair(i), FIRST);
  });
  pointToRow(p, Y, task.output, COLUMN);
  join(p, task, task.stage.shape.width);
}

function takeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums } = task;
  const [input] = inputs;
  const taken = `taken_${stage.name}`;
  if (input.height > 1) loadCounter(p, machine, COLUMN, taken);
  pointToRow(p, FIRST, input, COLUMN);
  pointTo(p, Y, sums!.offset);
  foldDense(p, task, { pieces: input.height, taps: input.width * input.channels, index: [COLUMN] });
  pointToCounters(p, machine);
  completeDense(p, machine, task);
}

/** Counts a row that a dense layer has taken; after the last its sums are complete. */
function completeDense(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  countUp(p, machine, `taken_${stage.name}`);
  if (stage.raw) return;
  const open = p.fresh();
  if (input.height > 1) {
    p.op('cpi', TAP, input.height);
    p.branch('brne', 1 - 1 / input.height, open);
  }
  p.times(1 / input.height, () => {
    pointTo(p, FIRST, sums!.offset);
    pointTo(p, Y, output.offset);
    closeDense(p, task);
    pointToCounters(p, machine);
  });
  p.label(open);
}

function takePool(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const { kernelY, strideY, padTop, padLeft } = stage.window!;
  const [taken, made] = [`taken_${stage.name}`, `rows_${stage.name}`];
  const passedOver = p.fresh();
  const [inWindow, complete] = shares(task);
  /** KERNEL_ROWS: the row's place in its window; COLUMN: the row. */
  const place = () => {
    loadCounter(p, machine, COLUMN, taken);
    loadCounter(p, machine, WEIGHT, made);
    times(p, TAP, WEIGHT, strideY);
    p.op('mov', KERNEL_ROWS, COLUMN);
    add(p, KERNEL_ROWS, padTop);
    p.op('sub', KERNEL_ROWS, TAP);
  };
  place();
  p.op('cpi', KERNEL_ROWS, kernelY);
  p.branch('brcc', 1 - inWindow, passedOver);
  p.times(inWindow, () => {
    p.op('cpi', WEIGHT, stage.shape.height);
    p.branch('brcc', 0, passedOver);
    if (padTop > 0) {
      p.branch('cpse', 1 - 1 / input.height, COLUMN, 18);
      p.op('rjmp', `${passedOver}_counted`);
      p.op('ldi', KERNEL_ROWS, 0);
      p.label(`${passedOver}_counted`);
    }
    p.op('subi', KERNEL_ROWS, 1);
    p.op('sbc', KERNEL_ROWS, KERNEL_ROWS);
    pointToRow(p, FIRST, input, COLUMN);
    addTo(p, FIRST, -padLeft * input.channels);
    if (sums) pointTo(p, Y, sums.offset);
    else pointToRow(p, Y, output, WEIGHT);
    emitColumns(p, task);
    pointToCounters(p, machine);
    place();
    const whole = p.fresh();
    p.op('cpi', KERNEL_ROWS, kernelY - 1);
    p.branch('breq', complete, whole);
    p.op('cpi', COLUMN, input.height - 1);
    p.branch('brne', 1 - complete, passedOver);
    p.label(whole);
    p.times(complete, () => {
      if (sums) {
        pointToRow(p, Y, output, WEIGHT);
        pointTo(p, FIRST, sums.offset);
        p.op('movw', Z, FIRST);
        closePool(p, task, COLUMN, stage.shape.width * stage.shape.channels);
        pointToCounters(p, machine);
      }
      countUp(p, machine, made);
    });
  });
  p.label(passedOver);
  countUp(p, machine, taken);
}

/** Of a folding pool's input rows: the share under a window, and of those the share that completes one. */
function shares({ stage, inputs: [input] }: Task): [number, number] {
  const { kernelY, strideY, padTop, rows } = stage.window!;
  let under = 0;
  for (let row = 0; row < input.height; row++) {
    const at = row + padTop;
    if (at % strideY < kernelY && Math.floor(at / strideY) < rows) under++;
  }
  return [under / input.height, rows / Math.max(1, under)];
}

/** `pair` = where row `row` (a register) of a tensor lies; KERNEL_ROWS is kept, r16, r17 and r19 are lost. */
function pointToRow(p: Program, pair: number, place: Place, row: number): void {
  pointTo(p, pair, place.offset);
  if (place.height === 1 || place.depth === 1) return;
  const bytes = place.width * place.channels * place.bytes;
  if (place.depth >= place.height) {
    addProduct(p, pair, row, bytes);
    return;
  }
  p.op('mov', 19, row);
  modulo(p, 19, place.depth, place.height - 1);
  addProduct(p, pair, 19, bytes);
}

/** `to` = `from` * `factor`, below 256; r16 may be lost. */
function times(p: Program, to: number, from: number, factor: number): void {
  if (factor === 1 || factor === 2) {
    p.op('mov', to, from);
    if (factor === 2) p.op('add', to, to);
    return;
  }
  p.op('ldi', TAP, factor);
  p.op('mul', from, TAP);
  p.op('mov', to, 0);
}

function add(p: Program, register: number, value: number): void {
  if (value !== 0) p.op('subi', register, -value & 255);
}
