import type { Place } from '../machine/machine.ts';
import { addProduct, modulo, pointTo } from './arithmetic.ts';
import { TAP } from './machine.ts';
import type { Program } from './program.ts';

/** `pair` = where row `row` (a register) of a tensor lies; KERNEL_ROWS is kept, r16, r17 and r19 are lost. */
export function pointToRow(p: Program, pair: number, place: Place, row: number): void {
  pointTo(p, pair, place.offset);
  if (place.height === 1 || place.depth === 1) return;
  const bytes = place.width * place.channels * place.bytes;
  if (place.depth >= place.height) {
    addProduct(p, pair, row, bytes);
    return;
  }
  p.op('mov', 19, row);
  modulo(p, 19, place.depth, place.height - 1);
  addProduct(p, pair, 19, bytes);
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

export function add(p: Program, register: number, value: number): void {
  if (value !== 0) p.op('subi', register, -value & 255);
}
