import type { Machine, Task } from '../machine/machine.ts';
import { glancedAt, scheduledOf, unitsOf } from '../machine/schedule.ts';
import { type Tallies, tally } from '../machine/tally.ts';
import { addTo } from './arithmetic.ts';
import { firstCounter, loadCounter, pointToCounters, STATE, storeCounter } from './counters.ts';
import { listed } from './listing.ts';
import { look } from './look.ts';
import { emitAdvance, emitMade, emitPixel } from './pixels.ts';
import type { Item, Program } from './program.ts';
import { A, SAVED_BYTES, TAP, Y } from './registers.ts';
import { emitRow } from './rows.ts';
import { emitWhole } from './whole.ts';

const LOW = 0b11110000;
const LINK = 256;

/** The C function that takes a row or a pixel of the input, as machine code. */
export const push = (machine: Machine): Item[] => listed((p) => writePush(p, machine));

/** Writes it, and returns its stack: what it saves, its return address, and its frame. */
export function writePush(p: Program, machine: Machine): number {
  const tallies = tally(machine);
  const { entered } = tallies;
  const readers = glancedAt(machine);
  p.isFar = isFar(machine);
  if (readers) glance(p, machine, readers, tallies);
  let frame = 0;
  p.ahead(
    () => {
      p.times(entered, () => begin(p, machine));
      run(p, machine, tallies);
    },
    () => {
      frame = 4 * p.slots.length;
      p.times(entered, () => enter(p, frame));
    },
  );
  p.times(entered, () => leave(p, frame));
  return SAVED_BYTES + frame;
}

/** Weights that take four bytes each, with the code for them, lie within reach. */
const MOST_NEAR = 10_000;
const isFar = ({ tasks }: Machine): boolean => tasks.reduce((sum, { stage }) => sum + (stage.weights?.weight.length ?? 0), 0) > MOST_NEAR;

function enter(p: Program, frame: number): void {
  p.op('push', LOW | LINK);
  for (let i = 0; i < 4; i++) p.op('mov', 4 + i, 8 + i);
  p.op('push', LOW);
  if (frame > 0) p.op('sub sp', frame);
}

function leave(p: Program, frame: number): void {
  if (frame > 0) p.op('add sp', frame);
  p.op('pop', LOW);
  for (let i = 0; i < 4; i++) p.op('mov', 8 + i, 4 + i);
  p.op('pop', LOW | LINK);
}

/** Most pixels make nothing possible: counts one and returns where that is so, before any register is saved. */
function glance(p: Program, machine: Machine, readers: readonly Task[], { glances, entered }: Tallies): void {
  const { input, tasks } = machine;
  const pixels = unitsOf(machine);
  // The state stays in r0.
  const base = 3;
  p.times(pixels, () => {
    p.op('mov', base, 0);
    addTo(p, base, firstCounter(machine));
    const counted = p.fresh();
    refuse(p, machine, counted, base);
    p.times(0, () => p.op('bx', 14));
    p.label(counted);
    emitAdvance(p, machine, input, base);
  });
  const ready = new Map(readers.map((task) => [task, glances.get(task)!.outcomes.at(-1)!.held]));
  for (const task of readers) look(p, machine, task, glances.get(task)!, 'enter', ready.get(task)!, base);
  const left = pixels - [...ready.values()].reduce((sum, each) => sum + each, 0);
  if (tasks.some(({ unit }) => unit === 'whole'))
    p.times(left, () => {
      loadCounter(p, machine, TAP, `y_${input.name}`, base);
      p.op('cmp i', TAP, input.height);
      p.branch('beq', 1 / pixels, 'enter');
    });
  p.times(pixels - entered, () => p.op('bx', 14));
  p.label('enter');
}

/** Goes to `counted` where the input is not yet complete; how many rows there are is in TAP. */
function refuse(p: Program, machine: Machine, counted: string, base: number): void {
  const { input, unit } = machine;
  loadCounter(p, machine, TAP, unit === 'pixel' ? `y_${input.name}` : 'rows_input', base);
  p.op('cmp i', TAP, input.height);
  p.branch('bne', 1, counted);
}

/** What is done once registers are saved and before stages are looked at. */
function begin(p: Program, machine: Machine): void {
  const { input, unit } = machine;
  p.store(0, STATE);
  pointToCounters(p, machine);
  if (glancedAt(machine)) return;
  const counted = p.fresh();
  refuse(p, machine, counted, Y);
  p.times(0, () => p.op('b', 'end'));
  p.label(counted);
  if (unit === 'pixel') {
    emitMade(p, machine, input);
    return;
  }
  p.op('adds i', TAP, 1);
  storeCounter(p, machine, TAP, 'rows_input', A);
}

function run(p: Program, machine: Machine, { looks, entered }: Tallies): void {
  const { input, unit, tasks } = machine;
  const scheduled = scheduledOf(machine);
  const whole = tasks.filter((task) => task.unit === 'whole');
  p.label('look');
  for (const task of [...scheduled].reverse()) look(p, machine, task, looks.get(task)!, `run_${task.stage.name}`, looks.get(task)!.runs, Y);
  p.times(entered, () => {
    if (whole.length === 0) {
      p.op('b', 'end');
      return;
    }
    loadCounter(p, machine, TAP, unit === 'row' ? 'rows_input' : `y_${input.name}`);
    p.op('cmp i', TAP, input.height);
    p.branch('bne', 1 - 1 / entered, 'end');
  });
  for (const task of whole) p.of(task.stage.name, () => emitWhole(p, task));
  if (whole.length > 0 && scheduled.length > 0) p.op('b', 'end');
  for (const task of scheduled) {
    p.label(`run_${task.stage.name}`);
    p.times(looks.get(task)!.runs, () => {
      p.of(task.stage.name, () => {
        if (unit === 'row') emitRow(p, machine, task);
        else emitPixel(p, machine, task);
        p.op('b', 'look');
      });
    });
  }
  p.label('end');
}
