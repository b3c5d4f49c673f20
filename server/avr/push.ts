import { relax } from './assemble.ts';
import { displacement, loadCounter, pointToCounters } from './counters.ts';
import { KERNEL_ROWS, type Machine, STATE, TAP, type Task, WEIGHT, Z, ZERO } from './machine.ts';
import { emitAdvance, emitMade, emitPixel } from './pixels.ts';
import { type Item, Program, registersOf } from './program.ts';
import { renamed } from './rename.ts';
import { emitRow } from './rows.ts';
import { type Condition, conditionsOf, type Reach, type Tally, tally, unitsOf } from './schedule.ts';
import { emitWhole } from './whole.ts';

/** The C function that takes a row or a pixel of the input, as machine code, and its stack: what it saves and its own return address. */
export type Push = { readonly items: readonly Item[]; readonly stackBytes: number };

/** Registers that a C function must give back as it got them. */
const SAVED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

export function push(machine: Machine): Push {
  const tallies = tally(machine);
  const p = new Program();
  const entered = machine.unit === 'pixel' ? glance(p, machine, tallies) : unitsOf(machine);
  const from = p.items.length;
  p.times(entered, () => begin(p, machine, tallies));
  run(p, machine, tallies, entered);
  const saved = SAVED.filter((register) => registersOf(p.items.slice(from)).has(register));
  const frame = new Program();
  frame.times(entered, () => {
    for (const register of saved) frame.op('push', register);
  });
  const saving = frame.items.length;
  frame.times(entered, () => {
    frame.op('mov', 1, ZERO);
    for (const register of [...saved].reverse()) frame.op('pop', register);
    frame.op('ret');
  });
  const items = [...p.items.slice(0, from), ...frame.items.slice(0, saving), ...p.items.slice(from), ...frame.items.slice(saving)];
  return { items: relax([...items, ...p.tables]), stackBytes: saved.length + 2 };
}

/** Whether a pixel is taken by more than the counters as it comes. */
const isFolded = ({ input, tasks }: Machine): boolean =>
  tasks.some(({ unit, folds, inputs }) => unit === 'pixel' && folds && inputs[0].name === input.name);

/**
 * Most pixels make nothing possible: counts one and returns where that is so, before any register is saved. Returns how often it goes on.
 */
function glance(p: Program, machine: Machine, tallies: ReadonlyMap<Task, Tally>): number {
  const { input, tasks } = machine;
  const pixels = unitsOf(machine);
  if (isFolded(machine)) return pixels;
  const readers = tasks.filter(({ unit, folds, inputs }) => unit === 'pixel' && !folds && inputs.some(({ name }) => name === input.name));
  const hasWhole = tasks.some(({ unit }) => unit === 'whole');
  const entered = Math.min(
    pixels,
    readers.reduce((sum, task) => sum + tallies.get(task)!.runs, Number(hasWhole)),
  );
  const from = p.items.length;
  p.times(pixels, () => {
    p.op('movw', Z, 24);
    p.op('eor', ZERO, ZERO);
    pointBeyond(p, machine);
    const counted = p.fresh();
    refuse(p, machine, counted);
    p.op('ret');
    p.label(counted);
    emitAdvance(p, machine, input);
    for (const task of readers) look(p, machine, task, tallies.get(task)!, 'enter', pixels);
    if (hasWhole) {
      loadCounter(p, machine, TAP, `y_${input.name}`);
      p.op('cpi', TAP, input.height);
      p.branch('breq', 1 / pixels, 'enter');
    }
  });
  p.times(pixels - entered, () => p.op('mov', 1, ZERO));
  p.times(pixels - entered, () => p.op('ret'));
  const glanced = p.items.splice(from).map((item) => renamed(item, FREE));
  p.items.push(...glanced, { label: 'enter' });
  return entered;
}

/** Z = the counters, by way of registers that need not be saved. */
function pointBeyond(p: Program, machine: Machine): void {
  const before = p.items.length;
  pointToCounters(p, machine, Z);
  // Not from STATE, which is not there yet.
  p.items.splice(before, 1);
}

/** Registers that need not be saved in place of those that must. */
const FREE = new Map([
  [TAP, 21],
  [WEIGHT, 22],
]);

/** Goes to `counted` where the input is not yet complete. */
function refuse(p: Program, machine: Machine, counted: string): void {
  const { input, unit } = machine;
  loadCounter(p, machine, TAP, unit === 'pixel' ? `y_${input.name}` : 'rows_input');
  p.op('cpi', TAP, input.height);
  p.branch('brne', 1, counted);
}

/** What is done once registers are saved and before stages are looked at. */
function begin(p: Program, machine: Machine, tallies: ReadonlyMap<Task, Tally>): void {
  const { input, unit } = machine;
  p.op('movw', STATE, 24);
  p.op('eor', ZERO, ZERO);
  pointToCounters(p, machine);
  if (unit === 'pixel' && !isFolded(machine)) return;
  const counted = p.fresh();
  refuse(p, machine, counted);
  p.times(0, () => p.op('rjmp', 'end'));
  p.label(counted);
  if (unit === 'pixel') {
    emitMade(p, machine, input, tallies);
    return;
  }
  p.op('inc', TAP);
  p.op('std Y', TAP, displacement(machine, 'rows_input'));
}

function run(p: Program, machine: Machine, tallies: ReadonlyMap<Task, Tally>, entered: number): void {
  const { input, unit, tasks } = machine;
  const scheduled = tasks.filter((task) => task.unit === unit && (unit === 'row' || !task.folds));
  const whole = tasks.filter((task) => task.unit === 'whole');
  const units = unitsOf(machine);
  p.label('look');
  for (const task of [...scheduled].reverse()) look(p, machine, task, tallies.get(task)!, `run_${task.stage.name}`, units - entered);
  p.times(entered, () => {
    if (whole.length === 0) {
      p.op('rjmp', 'end');
      return;
    }
    loadCounter(p, machine, TAP, unit === 'row' ? 'rows_input' : `y_${input.name}`);
    p.op('cpi', TAP, input.height);
    p.branch('brne', 1 - 1 / entered, 'end');
  });
  for (const task of whole) p.of(task.stage.name, () => emitWhole(p, task));
  if (whole.length > 0 && scheduled.length > 0) p.op('rjmp', 'end');
  for (const task of scheduled) {
    p.label(`run_${task.stage.name}`);
    p.times(tallies.get(task)!.runs, () => {
      p.of(task.stage.name, () => {
        if (unit === 'row') emitRow(p, machine, task);
        else emitPixel(p, machine, task, tallies);
        p.op('rjmp', 'look');
      });
    });
  }
  p.label('end');
}

/** Jumps to `ready` where a stage may run. `unseen`: the looks of the tally that are not made here. */
function look(p: Program, machine: Machine, task: Task, { seen, held, runs }: Tally, ready: string, unseen: number): void {
  const next = p.fresh();
  const glances = ready === 'enter';
  conditionsOf(machine, task).forEach((condition, i) => {
    const share = seen[i] === 0 ? 0 : held[i] / seen[i];
    p.times(glances ? (i === 0 ? 1 : held[i - 1] / Math.max(1, seen[0])) : Math.max(0, seen[i] - (i === 0 ? unseen : 0)), () =>
      test(p, machine, condition, next, share),
    );
  });
  p.times(glances ? 0 : runs, () => p.op('rjmp', ready));
  p.label(next);
}

/** Goes on where the condition holds, in `share` of the cases, and to `otherwise` where it does not. */
function test(p: Program, machine: Machine, condition: Condition, otherwise: string, share: number): void {
  if (condition.kind === 'arrived') {
    hasArrived(p, machine, condition, otherwise, share);
    return;
  }
  loadCounter(p, machine, TAP, condition.counter);
  switch (condition.kind) {
    case 'below':
      p.op('cpi', TAP, condition.limit);
      p.branch('brcc', 1 - share, otherwise);
      return;
    case 'equal':
      p.op('cpi', TAP, condition.value);
      p.branch('brne', 1 - share, otherwise);
      return;
    case 'behind':
      loadCounter(p, machine, WEIGHT, condition.other);
      p.op('cp', TAP, WEIGHT);
      p.branch('brcc', 1 - share, otherwise);
      return;
    case 'enough': {
      const { factor, offset, all } = condition;
      multiply(p, TAP, factor);
      p.op('subi', TAP, -offset & 255);
      loadCounter(p, machine, WEIGHT, condition.other);
      p.op('cp', WEIGHT, TAP);
      if (all === undefined) {
        p.branch('brcs', 1 - share, otherwise);
        return;
      }
      const enough = p.fresh();
      p.branch('brcc', share, enough);
      p.times(1 - share, () => {
        p.op('cpi', WEIGHT, all);
        p.branch('brne', 1, otherwise);
      });
      p.label(enough);
    }
  }
}

function hasArrived(p: Program, machine: Machine, condition: Condition & { kind: 'arrived' }, otherwise: string, share: number): void {
  const { input, output, row, column } = condition;
  reach(p, machine, `y_${output}`, row);
  loadCounter(p, machine, WEIGHT, `y_${input}`);
  p.op('cp', TAP, WEIGHT);
  if (!column) {
    p.branch('brcc', 1 - share, otherwise);
    return;
  }
  const arrived = p.fresh();
  p.branch('brcs', share / 2, arrived);
  p.branch('brne', 1 - share, otherwise);
  p.times(share, () => {
    reach(p, machine, `x_${output}`, column);
    loadCounter(p, machine, WEIGHT, `x_${input}`);
    p.op('cp', TAP, WEIGHT);
    p.branch('brcc', 0.5, otherwise);
  });
  p.label(arrived);
}

/** r16 = the last row or column that is needed. */
function reach(p: Program, machine: Machine, counter: string, { factor, offset, most }: Reach): void {
  if (!machine.counters.has(counter)) {
    p.op('ldi', TAP, Math.min(offset, most));
    return;
  }
  loadCounter(p, machine, TAP, counter);
  multiply(p, TAP, factor);
  if (offset !== 0) p.op('subi', TAP, -offset & 255);
  const within = p.fresh();
  p.op('cpi', TAP, most);
  p.branch('brcs', 0.9, within);
  p.op('ldi', TAP, most);
  p.label(within);
}

function multiply(p: Program, register: number, factor: number): void {
  if (factor === 2) p.op('add', register, register);
  else if (factor > 2) {
    p.op('ldi', KERNEL_ROWS, factor);
    p.op('mul', register, KERNEL_ROWS);
    p.op('mov', register, 0);
  }
}
