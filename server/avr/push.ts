import { relax } from './assemble.ts';
import { KERNEL_ROWS, type Machine, STATE, TAP, type Task, WEIGHT, ZERO } from './machine.ts';
import { type Item, Program, registersOf } from './program.ts';
import { counterBase, emitRow, loadCounter, pointToCounters } from './rows.ts';
import { type Condition, conditionsOf, type Tally, tally } from './schedule.ts';
import { emitWhole } from './whole.ts';

/** The C function that takes a row of the input, as machine code, and its stack: what it saves and its own return address. */
export type Push = { readonly items: readonly Item[]; readonly stackBytes: number };

/** Registers that a C function must give back as it got them. */
const SAVED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

export function pushRow(machine: Machine): Push {
  const body = bodyOf(machine);
  const used = registersOf(body.items);
  const saved = SAVED.filter((register) => used.has(register));
  const frame = new Program();
  frame.times(machine.input.height, () => {
    for (const register of saved) frame.op('push', register);
  });
  const entry = frame.items.length;
  frame.times(machine.input.height, () => {
    frame.op('mov', 1, ZERO);
    for (const register of [...saved].reverse()) frame.op('pop', register);
    frame.op('ret');
  });
  const items = [...frame.items.slice(0, entry), ...body.items, ...frame.items.slice(entry), ...body.tables];
  return { items: relax(items), stackBytes: saved.length + 2 };
}

function bodyOf(machine: Machine): Program {
  const p = new Program();
  const { height } = machine.input;
  const streamed = machine.tasks.filter(({ unit }) => unit === 'row');
  const whole = machine.tasks.filter(({ unit }) => unit === 'whole');
  const stages = tally(machine);
  p.times(height, () => {
    p.op('movw', STATE, 24);
    p.op('eor', ZERO, ZERO);
    pointToCounters(p, machine);
    loadCounter(p, machine, TAP, 'rows_input');
    p.op('cpi', TAP, height);
    p.branch('breq', 0, 'end');
    p.op('inc', TAP);
    p.op('std Y', TAP, machine.counters.get('rows_input')! - counterBase(machine));
  });
  p.label('look');
  for (const task of [...streamed].reverse()) look(p, machine, task, stages.get(task)!);
  p.times(height, () => {
    if (whole.length === 0) {
      p.op('rjmp', 'end');
      return;
    }
    loadCounter(p, machine, TAP, 'rows_input');
    p.op('cpi', TAP, height);
    p.branch('brne', (height - 1) / height, 'end');
  });
  for (const task of whole) emitWhole(p, task);
  if (whole.length > 0 && streamed.length > 0) p.op('rjmp', 'end');
  for (const task of streamed) {
    p.label(`run_${task.stage.name}`);
    p.times(stages.get(task)!.runs, () => {
      emitRow(p, machine, task);
      p.op('rjmp', 'look');
    });
  }
  p.label('end');
  return p;
}

/** Jumps to the stage where it may run. */
function look(p: Program, machine: Machine, task: Task, { seen, held, runs }: Tally): void {
  const next = p.fresh();
  conditionsOf(machine, task).forEach((condition, i) => {
    if (seen[i] === 0) test(p, machine, condition, next, 0);
    else p.times(seen[i], () => test(p, machine, condition, next, held[i] / seen[i]));
  });
  p.times(runs, () => p.op('rjmp', `run_${task.stage.name}`));
  p.label(next);
}

/** Goes on where the condition holds, in `share` of the cases, and to `otherwise` where it does not. */
function test(p: Program, machine: Machine, condition: Condition, otherwise: string, share: number): void {
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
      if (factor === 2) p.op('add', TAP, TAP);
      else if (factor > 2) {
        p.op('ldi', KERNEL_ROWS, factor);
        p.op('mul', TAP, KERNEL_ROWS);
        p.op('mov', TAP, 0);
      }
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
