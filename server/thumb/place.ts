import type { Machine, Place, Task } from '../machine/machine.ts';
import { wayToNext, wayToWindow } from '../machine/way.ts';
import { addTo, constant, modulo, multiply } from './arithmetic.ts';
import { addCounter, pointTo } from './counters.ts';
import type { Program } from './program.ts';
import { A, B, TAP, Y } from './registers.ts';
import { LIMIT } from './walk.ts';

/** `register` = where row `row` (low, kept) of a tensor lies; A and TAP are lost. */
export function pointToRow(p: Program, register: number, place: Place, row: number): void {
  const moves = place.height > 1 && place.depth > 1;
  if (moves) {
    p.op('mov', TAP, row);
    modulo(p, TAP, place.depth, place.height - 1, [A, register]);
    multiply(p, TAP, place.width * place.channels * place.bytes);
  }
  pointTo(p, register, place.offset);
  if (moves) p.op('adds r', register, register, TAP);
}

/** `register` = the pixel under the first tap of a stage's next window (of a join: at the same place); LIMIT = the end of its ring. A, B and TAP are lost. */
export function pointToPixel(p: Program, machine: Machine, register: number, input: Place, task: Task): void {
  const { from, counters, ring } = wayToWindow(input, task);
  const limit = B;
  pointTo(p, ring ? limit : register, from);
  if (ring) {
    if (task.stage.window) p.store(limit, LIMIT);
    p.op('mov', register, limit);
    addTo(p, register, ring.past);
  }
  for (const [name, bytes] of counters) addCounter(p, machine, register, name, bytes, [TAP, A]);
  if (!ring) return;
  constant(p, A, ring.bytes);
  for (let i = 0; i < ring.rounds; i++) {
    p.op('cmp', register, limit);
    p.unless('bcc', i === 0 ? 0.3 : 0.7, () => p.op('subs r', register, register, A));
  }
}

/** `register` = where a tensor's next pixel goes, or the newest if it is not yet counted. A, B and TAP are lost. */
export function pointToNext(p: Program, machine: Machine, register: number, place: Place): void {
  const { from, counters } = wayToNext(place);
  const to = register === Y ? B : register;
  pointTo(p, to, from);
  for (const [name, bytes] of counters) addCounter(p, machine, to, name, bytes, [TAP, A]);
  if (to !== register) p.op('mov', register, to);
}
