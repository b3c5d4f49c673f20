import type { Machine, Place } from '../machine/machine.ts';
import { once } from '../network/once.ts';
import { addConstant, addProduct, modulo } from './arithmetic.ts';
import { loadCounter, storeCounter } from './counters.ts';
import type { Program } from './program.ts';
import { COUNT, TAP, WEIGHT } from './registers.ts';

/** A number in an upper register, or in two: the lower byte first. */
export type Wide = readonly number[];

/** Rows up to here are counted, scaled and compared in one byte. */
export const LONGEST_SIDE = 200;

/** Whether rows are numbers of two bytes. */
const hasLongSides = once(
  ({ unit, input, tasks }: Machine): boolean =>
    unit === 'row' && [input, ...tasks.map(({ output }) => output)].some(({ height }) => height > LONGEST_SIDE),
);

/** A counter in the first of these registers, or in both where rows are long. */
export function loadRow(p: Program, machine: Machine, name: string, registers: Wide): Wide {
  const [low, high] = registers;
  loadCounter(p, machine, low, name);
  if (!hasLongSides(machine)) return [low];
  if (machine.counters.get(name)!.bytes === 2) loadCounter(p, machine, high, name, 1);
  else p.op('ldi', high, 0);
  return [low, high];
}

/** Counts one up; the new count is in r16, or r17:r16. */
export const countUp = (p: Program, machine: Machine, name: string): Wide =>
  storeNext(p, machine, name, loadRow(p, machine, name, [TAP, WEIGHT]));

/** Counts one up what was loaded. */
export function storeNext(p: Program, machine: Machine, name: string, count: Wide): Wide {
  if (count.length === 1) p.op('inc', count[0]);
  else addConstant(p, count, 1);
  for (let byte = 0; byte < Math.min(count.length, machine.counters.get(name)!.bytes); byte++)
    storeCounter(p, machine, count[byte], name, byte);
  return count;
}

/** Sets the flags of `value` - `constant`; `spare` is lost where there are two bytes. */
export function compareWith(p: Program, [low, high]: Wide, constant: number, spare: number): void {
  p.op('cpi', low, constant & 255);
  if (high === undefined) return;
  p.op('ldi', spare, (constant >> 8) & 255);
  p.op('cpc', high, spare);
}

/** Sets the flags of `a` - `b`. */
export function compare(p: Program, a: Wide, b: Wide): void {
  for (let i = 0; i < a.length; i++) p.op(i === 0 ? 'cp' : 'cpc', a[i], b[i]);
}

/** `a` -= `b`. */
export function subtract(p: Program, a: Wide, b: Wide): void {
  for (let i = 0; i < a.length; i++) p.op(i === 0 ? 'sub' : 'sbc', a[i], b[i]);
}

/** `value` times a factor of a byte, in these registers; of one byte, what is above it is lost. `spare` and r19 may be lost. */
export function scaled(p: Program, value: Wide, factor: number, to: Wide, spare = TAP): Wide {
  if (value.length === 1) {
    times(p, to[0], value[0], factor);
    return [to[0]];
  }
  p.op('ldi', spare, factor);
  p.op('mul', value[0], spare);
  p.op('mov', COUNT, 1);
  p.op('mov', to[0], 0);
  p.op('mul', value[1], spare);
  p.op('add', COUNT, 0);
  p.op('mov', to[1], COUNT);
  return to;
}

/** `to` = `from` * `factor`, below 256; r16 may be lost. */
export function times(p: Program, to: number, from: number, factor: number): void {
  if (factor === 1 || factor === 2) {
    p.op('mov', to, from);
    if (factor === 2) p.op('add', to, to);
    return;
  }
  p.op('ldi', TAP, factor);
  p.op('mul', from, TAP);
  p.op('mov', to, 0);
}

/** The lower register becomes `value` modulo `divisor`, the upper is lost; for values up to `most`. r16 is lost. */
export function reduce(p: Program, [low, high]: Wide, divisor: number, most: number): void {
  if (high === undefined) {
    modulo(p, low, divisor, most);
    return;
  }
  for (let shift = Math.floor(Math.log2(Math.max(1, most / divisor))); shift >= 0; shift--) {
    const part = divisor * 2 ** shift;
    compareWith(p, [low, high], part, TAP);
    p.unless('brcs', 0.5, () => {
      p.op('subi', low, part & 255);
      p.op('sbci', high, part >> 8);
    });
  }
}

/** `pair` += `value` times a constant of up to 16 bits; r16 is lost. */
export function addRows(p: Program, pair: number, [low, high]: Wide, factor: number): void {
  addProduct(p, pair, low, factor);
  if (high === undefined) return;
  p.op('ldi', TAP, factor & 255);
  p.op('mul', high, TAP);
  p.op('add', pair + 1, 0);
}

/** What a row is compared with to tell whether it lies on a tensor, once it was brought nearer by `nearBorder`. */
export const borderOf = ({ height }: Place): number => Math.min(height, LONGEST_SIDE);

/** Rows that are a window's first, from here on, are far from a tensor's upper border. */
const FAR = 100;

/** Spans that reach no border from there. */
export const LONGEST_SPAN = 50;

/** The lower register holds how a window's first row lies to the borders of its tensor: rows far from both are all alike. The upper may be lost. */
export function nearBorder(p: Program, first: Wide, { height }: Place): void {
  const [low, high] = first;
  if (high === undefined || height <= LONGEST_SIDE) return;
  const near = p.fresh();
  const late = p.fresh();
  compareWith(p, first, FAR, TAP);
  p.branch('brlt', FAR / height, near);
  p.times(1 - FAR / height, () => {
    compareWith(p, first, height - FAR, TAP);
    p.branch('brge', FAR / (height - FAR), late);
    p.times(1 - FAR / (height - FAR), () => {
      p.op('ldi', low, FAR);
      p.op('rjmp', near);
    });
    p.label(late);
    p.times(FAR / (height - FAR), () => p.op('subi', low, (height - LONGEST_SIDE) & 255));
  });
  p.label(near);
}
