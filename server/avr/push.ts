import type { Machine, Task } from '../machine/machine.ts';
import { firstCounter, glancedAt, unitsOf } from '../machine/schedule.ts';
import { type Tallies, tally } from '../machine/tally.ts';
import { type Looks, type Makes, writeGlances, writeTurns } from '../machine/turns.ts';
import { addTo } from './arithmetic.ts';
import { pointToCounters } from './counters.ts';
import { listed } from './listing.ts';
import { look } from './look.ts';
import { emitAdvance, emitMade, emitPixel } from './pixels.ts';
import type { Item, Program } from './program.ts';
import { COUNT, STATE, TAP, WEIGHT, Z, ZERO } from './registers.ts';
import { emitRow } from './rows.ts';
import { emitWhole } from './whole.ts';
import { compareWith, loadRow, storeNext, type Wide } from './wide.ts';

/** Registers that a C function must give back as it got them. */
const SAVED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

/** The C function that takes a row or a pixel of the input, as machine code. */
export const push = (machine: Machine): Item[] => listed((p) => writePush(p, machine));

/** Writes it, and returns its stack: what it saves and its own return address. */
export function writePush(p: Program, machine: Machine): number {
  const tallies = tally(machine);
  const { entered } = tallies;
  const readers = glancedAt(machine);
  if (readers) glance(p, machine, readers, tallies);
  let saved: number[] = [];
  p.ahead(
    () => {
      p.times(entered, () => begin(p, machine));
      writeTurns(p, machine, tallies, makesOf(p, machine));
    },
    (used) => {
      saved = SAVED.filter((register) => used.has(register));
      p.times(entered, () => {
        for (const register of saved) p.op('push', register);
      });
    },
  );
  p.times(entered, () => {
    p.op('mov', 1, ZERO);
    for (const register of [...saved].reverse()) p.op('pop', register);
    p.op('ret');
  });
  return saved.length + 2;
}

/** Most pixels make nothing possible: counts one and returns where that is so, before any register is saved. */
function glance(p: Program, machine: Machine, readers: readonly Task[], tallies: Tallies): void {
  p.renamed(FREE, () => glanceAt(p, machine, readers, tallies));
  p.label('enter');
}

function glanceAt(p: Program, machine: Machine, readers: readonly Task[], tallies: Tallies): void {
  const pixels = unitsOf(machine);
  p.times(pixels, () => {
    p.op('movw', Z, 24);
    p.op('eor', ZERO, ZERO);
    addTo(p, Z, firstCounter(machine)); // by way of registers that need not be saved: STATE is not there yet
    const counted = p.fresh();
    refuse(p, machine, counted);
    p.times(0, () => p.op('ret'));
    p.label(counted);
    emitAdvance(p, machine, machine.input);
  });
  writeGlances(p, machine, readers, tallies, looksOf(p, machine));
  p.times(pixels - tallies.entered, () => {
    p.op('mov', 1, ZERO);
    p.op('ret');
  });
}

/** Registers that need not be saved in place of those that must. */
const FREE = new Map([
  [TAP, 21],
  [WEIGHT, 22],
]);

/** Goes to `counted` where the input is not yet complete; what it returns holds its rows. */
function refuse(p: Program, machine: Machine, counted: string): Wide {
  const rows = compareRows(p, machine);
  p.branch('brne', 1, counted);
  return rows;
}

/** Sets the flags by how many rows of the input there are beside all; what it returns holds them. */
function compareRows(p: Program, machine: Machine): Wide {
  const { input, unit } = machine;
  const rows = loadRow(p, machine, unit === 'pixel' ? `y_${input.name}` : 'rows_input', [TAP, WEIGHT]);
  compareWith(p, rows, input.height, COUNT);
  return rows;
}

const looksOf = (p: Program, machine: Machine): Looks => ({
  look: (task, tally, ready, held) => look(p, machine, task, tally, ready, held),
  branch(input, share, target) {
    compareRows(p, machine);
    p.branch(input === 'whole' ? 'breq' : 'brne', share, target);
  },
});

/** What is done once registers are saved and before stages are looked at. */
function begin(p: Program, machine: Machine): void {
  const { input, unit } = machine;
  p.op('movw', STATE, 24);
  p.op('eor', ZERO, ZERO);
  pointToCounters(p, machine);
  if (glancedAt(machine)) return;
  const counted = p.fresh();
  const rows = refuse(p, machine, counted);
  p.times(0, () => p.op('rjmp', 'end'));
  p.label(counted);
  if (unit === 'pixel') {
    emitMade(p, machine, input);
    return;
  }
  storeNext(p, machine, 'rows_input', rows);
}

const makesOf = (p: Program, machine: Machine): Makes => ({
  ...looksOf(p, machine),
  jump: (target) => p.op('rjmp', target),
  make: (task) => (machine.unit === 'row' ? emitRow : emitPixel)(p, machine, task),
  makeWhole: (task) => emitWhole(p, task),
});
