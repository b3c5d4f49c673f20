import type { Machine, Task } from '../machine/machine.ts';
import { firstCounter, glancedAt, unitsOf } from '../machine/schedule.ts';
import { type Tallies, tally } from '../machine/tally.ts';
import { type Looks, type Makes, writeGlances, writeTurns } from '../machine/turns.ts';
import { addTo } from './arithmetic.ts';
import { loadCounter, pointToCounters, STATE, storeCounter } from './counters.ts';
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
      writeTurns(p, machine, tallies, makesOf(p, machine));
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
function glance(p: Program, machine: Machine, readers: readonly Task[], tallies: Tallies): void {
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
    emitAdvance(p, machine, machine.input, base);
  });
  writeGlances(p, machine, readers, tallies, looksOf(p, machine, base));
  p.times(pixels - tallies.entered, () => p.op('bx', 14));
  p.label('enter');
}

/** Goes to `counted` where the input is not yet complete; how many rows there are is in TAP. */
function refuse(p: Program, machine: Machine, counted: string, base: number): void {
  compareRows(p, machine, base);
  p.branch('bne', 1, counted);
}

/** Sets the flags by how many rows of the input there are, which are in TAP, beside all. */
function compareRows(p: Program, machine: Machine, base: number): void {
  const { input, unit } = machine;
  loadCounter(p, machine, TAP, unit === 'pixel' ? `y_${input.name}` : 'rows_input', base);
  p.op('cmp i', TAP, input.height);
}

/** The counters are where `base` points to. */
const looksOf = (p: Program, machine: Machine, base: number): Looks => ({
  look: (task, tally, ready, held) => look(p, machine, task, tally, ready, held, base),
  branch(input, share, target) {
    compareRows(p, machine, base);
    p.branch(input === 'whole' ? 'beq' : 'bne', share, target);
  },
});

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

const makesOf = (p: Program, machine: Machine): Makes => ({
  ...looksOf(p, machine, Y),
  jump: (target) => p.op('b', target),
  make: (task) => (machine.unit === 'row' ? emitRow : emitPixel)(p, machine, task),
  makeWhole: (task) => emitWhole(p, task),
});
