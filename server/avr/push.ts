import { relax } from './assemble.ts';
import { displacement, loadCounter, pointToCounters } from './counters.ts';
import { KERNEL_ROWS, type Machine, STATE, TAP, type Task, WEIGHT, Z, ZERO } from './machine.ts';
import { emitAdvance, emitMade, emitPixel } from './pixels.ts';
import { type Item, Program, registersOf } from './program.ts';
import { renamed } from './rename.ts';
import { emitRow } from './rows.ts';
import {
  type Condition,
  conditionsOf,
  glancedAt,
  type Outcomes,
  type Reach,
  scheduledOf,
  type Tallies,
  type Tally,
  tally,
  unitsOf,
} from './schedule.ts';
import { emitWhole } from './whole.ts';

/** The C function that takes a row or a pixel of the input, as machine code, and its stack: what it saves and its own return address. */
export type Push = { readonly items: readonly Item[]; readonly stackBytes: number };

/** Registers that a C function must give back as it got them. */
const SAVED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

export function push(machine: Machine): Push {
  const tallies = tally(machine);
  const p = new Program();
  const { entered } = tallies;
  const readers = glancedAt(machine);
  if (readers) glance(p, machine, readers, tallies);
  const from = p.items.length;
  p.times(entered, () => begin(p, machine));
  run(p, machine, tallies);
  const used = registersOf(p.items.slice(from));
  const saved = SAVED.filter((register) => used.has(register));
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

/** Most pixels make nothing possible: counts one and returns where that is so, before any register is saved. */
function glance(p: Program, machine: Machine, readers: readonly Task[], { glances, entered }: Tallies): void {
  const { input, tasks } = machine;
  const pixels = unitsOf(machine);
  const from = p.items.length;
  p.times(pixels, () => {
    p.op('movw', Z, 24);
    p.op('eor', ZERO, ZERO);
    pointBeyond(p, machine);
    const counted = p.fresh();
    refuse(p, machine, counted);
    p.times(0, () => p.op('ret'));
    p.label(counted);
    emitAdvance(p, machine, input);
  });
  const ready = new Map(readers.map((task) => [task, glances.get(task)!.outcomes.at(-1)!.held]));
  for (const task of readers) look(p, machine, task, glances.get(task)!, 'enter', ready.get(task)!);
  const left = pixels - [...ready.values()].reduce((sum, each) => sum + each, 0);
  if (tasks.some(({ unit }) => unit === 'whole'))
    p.times(left, () => {
      loadCounter(p, machine, TAP, `y_${input.name}`);
      p.op('cpi', TAP, input.height);
      p.branch('breq', 1 / pixels, 'enter');
    });
  p.times(pixels - entered, () => {
    p.op('mov', 1, ZERO);
    p.op('ret');
  });
  const glanced = p.items.splice(from).map((item) => renamed(item, FREE));
  p.items.push(...glanced, { label: 'enter' });
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
function begin(p: Program, machine: Machine): void {
  const { input, unit } = machine;
  p.op('movw', STATE, 24);
  p.op('eor', ZERO, ZERO);
  pointToCounters(p, machine);
  if (glancedAt(machine)) return;
  const counted = p.fresh();
  refuse(p, machine, counted);
  p.times(0, () => p.op('rjmp', 'end'));
  p.label(counted);
  if (unit === 'pixel') {
    emitMade(p, machine, input);
    return;
  }
  p.op('inc', TAP);
  p.op('std Y', TAP, displacement(machine, 'rows_input'));
}

function run(p: Program, machine: Machine, { looks, entered }: Tallies): void {
  const { input, unit, tasks } = machine;
  const scheduled = scheduledOf(machine);
  const whole = tasks.filter((task) => task.unit === 'whole');
  p.label('look');
  for (const task of [...scheduled].reverse()) look(p, machine, task, looks.get(task)!, `run_${task.stage.name}`, looks.get(task)!.runs);
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
    p.times(looks.get(task)!.runs, () => {
      p.of(task.stage.name, () => {
        if (unit === 'row') emitRow(p, machine, task);
        else emitPixel(p, machine, task);
        p.op('rjmp', 'look');
      });
    });
  }
  p.label('end');
}

/** Jumps to `ready` where a stage may run, which is `held` times. */
function look(p: Program, machine: Machine, task: Task, { outcomes }: Tally, ready: string, held: number): void {
  const next = p.fresh();
  conditionsOf(machine, task).forEach((condition, i) => {
    p.times(outcomes[i].seen, () => test(p, machine, condition, next, outcomes[i]));
  });
  p.times(held, () => p.op('rjmp', ready));
  p.label(next);
}

/** Goes on where the condition holds, and to `otherwise` where it does not. */
function test(p: Program, machine: Machine, condition: Condition, otherwise: string, outcomes: Outcomes): void {
  if (condition.kind === 'arrived') {
    hasArrived(p, machine, condition, otherwise, outcomes);
    return;
  }
  const seen = Math.max(1, outcomes.seen);
  const fails = (outcomes.seen - outcomes.held) / seen;
  loadCounter(p, machine, TAP, condition.counter);
  switch (condition.kind) {
    case 'below':
      p.op('cpi', TAP, condition.limit);
      p.branch('brcc', fails, otherwise);
      return;
    case 'equal':
      p.op('cpi', TAP, condition.value);
      p.branch('brne', fails, otherwise);
      return;
    case 'behind':
      loadCounter(p, machine, WEIGHT, condition.other);
      p.op('cp', TAP, WEIGHT);
      p.branch('brcc', fails, otherwise);
      return;
    case 'enough': {
      const { factor, offset, all } = condition;
      multiply(p, TAP, factor);
      p.op('subi', TAP, -offset & 255);
      loadCounter(p, machine, WEIGHT, condition.other);
      p.op('cp', WEIGHT, TAP);
      if (all === undefined) {
        p.branch('brcs', fails, otherwise);
        return;
      }
      const enough = p.fresh();
      const short = 1 - outcomes.passed / seen;
      p.branch('brcc', 1 - short, enough);
      p.times(short, () => {
        p.op('cpi', WEIGHT, all);
        p.branch('brne', short > 0 ? fails / short : 0, otherwise);
      });
      p.label(enough);
    }
  }
}

function hasArrived(p: Program, machine: Machine, condition: Condition & { kind: 'arrived' }, otherwise: string, outcomes: Outcomes): void {
  const { input, output, row, column } = condition;
  const { held, passed, reached, rowCut, columnCut } = outcomes;
  const seen = Math.max(1, outcomes.seen);
  reach(p, machine, `y_${output}`, row, rowCut / seen);
  loadCounter(p, machine, WEIGHT, `y_${input}`);
  p.op('cp', TAP, WEIGHT);
  if (!column) {
    p.branch('brcc', 1 - held / seen, otherwise);
    return;
  }
  const arrived = p.fresh();
  p.branch('brcs', passed / seen, arrived);
  p.times(1 - passed / seen, () => p.branch('brne', 1 - reached / Math.max(1, seen - passed), otherwise));
  p.times(reached / seen, () => {
    reach(p, machine, `x_${output}`, column, columnCut / Math.max(1, reached));
    loadCounter(p, machine, WEIGHT, `x_${input}`);
    p.op('cp', TAP, WEIGHT);
    p.branch('brcc', 1 - (held - passed) / Math.max(1, reached), otherwise);
  });
  p.label(arrived);
}

/** r16 = the last row or column that is needed, which the input's end cuts short in `cut` of the cases. */
function reach(p: Program, machine: Machine, counter: string, { factor, offset, most }: Reach, cut: number): void {
  if (!machine.counters.has(counter)) {
    p.op('ldi', TAP, Math.min(offset, most));
    return;
  }
  loadCounter(p, machine, TAP, counter);
  multiply(p, TAP, factor);
  if (offset !== 0) p.op('subi', TAP, -offset & 255);
  const within = p.fresh();
  p.op('cpi', TAP, most);
  p.branch('brcs', 1 - cut, within);
  p.times(cut, () => p.op('ldi', TAP, most));
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
