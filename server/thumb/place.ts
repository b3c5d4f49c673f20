import type { Machine, Place, Task } from '../machine/machine.ts';
import { isRing } from '../machine/walk.ts';
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
export function pointToPixel(p: Program, machine: Machine, register: number, input: Place, { stage, output }: Task): void {
  const { strideY, strideX, padTop, padLeft } = stage.window ?? { strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };
  const { channels, width } = input;
  const before = (padTop * width + padLeft) * channels;
  const own = () => {
    addCounter(p, machine, register, `y_${output.name}`, strideY * width * channels, [TAP, A]);
    addCounter(p, machine, register, `x_${output.name}`, strideX * channels, [TAP, A]);
  };
  if (input.depth === 1 && input.height * width > 1) {
    pointTo(p, register, input.offset);
    return;
  }
  if (!isRing(input)) {
    pointTo(p, register, input.offset - before);
    own();
    return;
  }
  const round = input.depth * channels;
  // What lies beyond the border counts backwards around the ring.
  const rounds = Math.ceil((input.depth + padTop * width + padLeft) / input.depth);
  const limit = B;
  pointTo(p, limit, input.offset + round);
  if (stage.window) p.store(limit, LIMIT);
  p.op('mov', register, limit);
  addTo(p, register, (rounds - 1) * round - before);
  addCounter(p, machine, register, `at_${input.name}`, channels, [TAP, A]);
  addCounter(p, machine, register, `y_${input.name}`, -width * channels, [TAP, A]);
  addCounter(p, machine, register, `x_${input.name}`, -channels, [TAP, A]);
  own();
  constant(p, A, round);
  for (let i = 0; i < rounds; i++) {
    p.op('cmp', register, limit);
    p.unless('bcc', i === 0 ? 0.3 : 0.7, () => p.op('subs r', register, register, A));
  }
}

/** `register` = where a tensor's next pixel goes, or the newest if it is not yet counted. A, B and TAP are lost. */
export function pointToNext(p: Program, machine: Machine, register: number, place: Place): void {
  const { name, channels, width, bytes } = place;
  const to = register === Y ? B : register;
  pointTo(p, to, place.offset);
  if (isRing(place)) addCounter(p, machine, to, `at_${name}`, channels * bytes, [TAP, A]);
  else if (place.depth > 1) {
    addCounter(p, machine, to, `y_${name}`, width * channels * bytes, [TAP, A]);
    addCounter(p, machine, to, `x_${name}`, channels * bytes, [TAP, A]);
  }
  if (to !== register) p.op('mov', register, to);
}
