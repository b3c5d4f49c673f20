import type { Machine } from '../machine/machine.ts';
import { firstCounter, unitsOf } from '../machine/schedule.ts';
import { wayToNext } from '../machine/way.ts';
import { address, addTo, constant, modulo, multiply } from './arithmetic.ts';
import { addCounter, loadCounter, storeCounter } from './counters.ts';
import { firstSums } from './dense.ts';
import { listed } from './listing.ts';
import type { Item, Program } from './program.ts';
import { push } from './push.ts';
import { wordOf } from './summing.ts';

/** A C function as machine code. The state comes in r0, where a result goes too. */
export type MachineFunction = { readonly name: string; readonly items: readonly Item[] };

/** All functions; the last takes a row or a pixel. */
export const functionsOf = (machine: Machine): MachineFunction[] => [
  ...writersOf(machine).map(([name, write]) => ({ name, items: listed((p) => write(p, machine)) })),
  { name: 'push', items: push(machine) },
];

/** Those beside the last, which save no register and need no stack. */
export const writersOf = ({ unit }: Machine): [name: string, write: (p: Program, machine: Machine) => void][] => [
  ['init', init],
  [`next_${unit}`, next],
  ['result', result],
];

const LR = 14;

/** Counters become zero, and the sums of dense layers that take their input piece by piece what they begin with. */
function init(p: Program, machine: Machine): void {
  const { counters, tasks, unit } = machine;
  const [base, zero, temporary] = [1, 2, 3];
  p.op('mov', base, 0);
  addTo(p, base, firstCounter(machine), temporary);
  p.op('movs i', zero, 0);
  for (const name of counters.keys()) storeCounter(p, machine, zero, name, temporary, base);
  for (const task of tasks) {
    const { stage, inputs, sums, folds } = task;
    if (!folds || stage.op !== 'dense') continue;
    const units = stage.shape.channels;
    const [{ width, channels }] = inputs;
    const inPixels = unit === 'pixel' || tasks.some(({ passesTo }) => passesTo === stage.name);
    const taps = inPixels ? channels : width * channels;
    const table = p.table(4 * units, () => firstSums(task, taps).flatMap(wordOf));
    const [from, to, value, left] = [1, 2, 3, 12];
    p.op('mov', to, 0);
    addTo(p, to, sums!.offset, value);
    address(p, from, table);
    constant(p, value, 4 * units);
    p.op('adds r', value, value, to);
    p.op('mov', left, value);
    const again = p.fresh();
    p.label(again);
    p.times(units, () => {
      p.op('ldm', from, 1 << value);
      p.op('stm', to, 1 << value);
      p.op('cmp h', to, left);
      p.branch('bne', (units - 1) / units, again);
    });
  }
  p.op('bx', LR);
}

/** The place of the input's next row, or pixel. */
function next(p: Program, machine: Machine): void {
  const { input, unit } = machine;
  const { offset, depth, width, height, channels } = input;
  const units = unitsOf(machine);
  const [base, value, one] = [3, 1, 2];
  p.times(units, () => {
    if (depth > 1 && units > 1) {
      p.op('mov', base, 0);
      addTo(p, base, firstCounter(machine), value);
    }
    addTo(p, 0, offset, value);
    if (depth > 1 && units > 1) {
      if (unit === 'pixel')
        for (const [name, factor] of wayToNext(input).counters) addCounter(p, machine, 0, name, factor, [value, one], base);
      else {
        loadCounter(p, machine, value, 'rows_input', base);
        // After the last row nothing is delivered.
        if (depth < height) modulo(p, value, depth, height - 1, [one, base]);
        multiply(p, value, width * channels, one);
        p.op('adds r', 0, 0, value);
      }
    }
    p.op('bx', LR);
  });
}

/** The first of the largest logits. */
function result(p: Program, { tasks }: Machine): void {
  const { output } = tasks[tasks.length - 1];
  const { bytes, unsigned, offset } = output;
  const classes = output.height * output.width * output.channels;
  const [from, best, value, at] = [1, 2, 3, 12];
  p.op('mov', from, 0);
  addTo(p, from, offset, value);
  const load = (register: number) => {
    p.op(bytes === 1 ? 'ldrb' : 'ldr', register, from, 0);
    if (bytes === 1 && !unsigned) p.op('sxtb', register, register);
    p.op('adds i', from, bytes);
  };
  if (classes === 1) p.op('movs i', 0, 0);
  else {
    // r12 counts the classes that are left; the class is told by that.
    load(best);
    constant(p, 0, classes - 1);
    p.op('mov', at, 0);
    constant(p, 0, classes);
    const again = p.fresh();
    p.label(again);
    p.times(classes - 1, () => {
      load(value);
      p.op('cmp', value, best);
      p.unless('ble', 0.6, () => {
        p.op('mov', best, value);
        p.op('mov', 0, at);
      });
      p.op('mov', value, at);
      p.op('subs i', value, 1);
      p.op('mov', at, value);
      p.branch('bne', (classes - 2) / (classes - 1), again);
    });
    constant(p, value, classes);
    p.op('subs r', 0, value, 0);
  }
  p.op('bx', LR);
}
