import { bytesOf } from '../machine/bytes.ts';
import type { Machine } from '../machine/machine.ts';
import { foldedBias } from '../machine/range.ts';
import { firstCounter, unitsOf } from '../machine/schedule.ts';
import { wayToNext } from '../machine/way.ts';
import { addTo, pointTo } from './arithmetic.ts';
import { addCounter, displacement, FARTHEST, pointToCounters } from './counters.ts';
import { listed } from './listing.ts';
import type { Item, Program } from './program.ts';
import { push } from './push.ts';
import { COUNT, STATE, TAP, WEIGHT, X, Z, ZERO } from './registers.ts';
import { addRows, loadRow, reduce } from './wide.ts';

/** A C function as machine code. The state comes in r25:r24, where a result goes too. */
export type MachineFunction = { readonly name: string; readonly items: readonly Item[] };

/** All functions; the last takes a row or a pixel. */
export const functionsOf = (machine: Machine): MachineFunction[] => [
  ...writersOf(machine).map(([name, write]) => ({ name, items: listed((p) => write(p, machine)) })),
  { name: 'push', items: push(machine) },
];

/** Those beside the last, which save no register. */
export const writersOf = ({ unit }: Machine): [name: string, write: (p: Program, machine: Machine) => void][] => [
  ['init', init],
  [`next_${unit}`, (p, machine) => p.renamed(FREE, () => next(p, machine))],
  ['result', result],
];

/** Counters become zero, and the sums of dense layers that take their input piece by piece what they begin with. */
function init(p: Program, machine: Machine): void {
  const { counters, tasks } = machine;
  p.op('movw', Z, 24);
  addTo(p, Z, firstCounter(machine));
  let from = 0;
  for (const [name, { bytes }] of [...counters].sort(([, a], [, b]) => a.offset - b.offset)) {
    const at = displacement(machine, name);
    if (at + bytes - 1 > from + FARTHEST) {
      addTo(p, Z, at - from);
      from = at;
    }
    for (let i = 0; i < bytes; i++) p.op('std Z', 1, at - from + i);
  }
  for (const { stage, inputs, sums, folds } of tasks) {
    if (!folds || stage.op !== 'dense') continue;
    const biases = () => foldedBias(stage, inputs[0]).flatMap((bias) => bytesOf(bias, sums!.bytes));
    const table = p.table(stage.shape.channels * sums!.bytes, biases);
    p.op('ldi', Z, { label: table, byte: 0, offset: 0 });
    p.op('ldi', Z + 1, { label: table, byte: 1, offset: 0 });
    p.op('movw', X, 24);
    addTo(p, X, sums!.offset);
    p.loop(20, stage.shape.channels * sums!.bytes, () => {
      p.op('lpm Z+', 0);
      p.op('st X+', 0);
    });
  }
  p.op('ret');
}

/** The place of the input's next row, or pixel. */
function next(p: Program, machine: Machine): void {
  const { input, unit } = machine;
  const { offset, depth, width, height, channels } = input;
  const units = unitsOf(machine);
  p.times(units, () => {
    if (depth === 1 || units === 1) {
      addTo(p, 24, offset);
      p.op('ret');
      return;
    }
    p.op('eor', ZERO, ZERO);
    pointToCounters(p, machine);
    pointTo(p, X, offset);
    if (unit === 'pixel') for (const [name, factor] of wayToNext(input).counters) addCounter(p, machine, X, name, factor);
    else {
      const row = loadRow(p, machine, 'rows_input', [WEIGHT, COUNT]);
      // After the last row nothing is delivered.
      if (depth < height) reduce(p, row, depth, height - 1);
      addRows(p, X, depth < height ? row.slice(0, 1) : row, width * channels);
    }
    p.op('movw', 24, X);
    p.op('mov', 1, ZERO);
    p.op('ret');
  });
}

/** The first of the largest logits. */
function result(p: Program, { tasks }: Machine): void {
  const { output } = tasks[tasks.length - 1];
  const { bytes, unsigned, offset } = output;
  const classes = output.height * output.width * output.channels;
  const best = [18, 19, 20, 21].slice(0, bytes);
  const other = [22, 23, 30, 31].slice(0, bytes);
  p.op('movw', X, 24);
  addTo(p, X, offset);
  p.op('ldi', 24, 0);
  if (classes > 1) {
    for (const register of best) p.op('ld X+', register);
    p.op('ldi', 25, 1);
    const again = p.fresh();
    p.label(again);
    p.times(classes - 1, () => {
      for (const register of other) p.op('ld X+', register);
      best.forEach((register, i) => {
        p.op(i === 0 ? 'cp' : 'cpc', register, other[i]);
      });
      p.unless(unsigned ? 'brcc' : 'brge', 0.6, () => {
        best.forEach((register, i) => {
          p.op('mov', register, other[i]);
        });
        p.op('mov', 24, 25);
      });
      p.op('inc', 25);
      p.op('cpi', 25, classes & 255);
      p.branch('brne', (classes - 2) / (classes - 1), again);
    });
  }
  p.op('ret');
}

/** Registers that a C function need not keep in place of those that it must. */
const FREE = new Map([
  [STATE, 24],
  [STATE + 1, 25],
  [TAP, 21],
  [WEIGHT, 22],
]);
