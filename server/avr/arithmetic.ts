import type { Program } from './program.ts';
import { STATE, ZERO } from './registers.ts';

/** Adds a constant to a register pair; lower pairs than r16 go through r16. */
export function addTo(p: Program, pair: number, value: number): void {
  if (value === 0) return;
  if (pair >= 24 && Math.abs(value) < 64) p.op(value > 0 ? 'adiw' : 'sbiw', pair, Math.abs(value));
  else if (pair >= 16) addConstant(p, [pair, pair + 1], value);
  else throw new Error(`r${pair} takes no constant`);
}

/** Adds a constant to upper registers, the lowest byte first. */
export function addConstant(p: Program, registers: readonly number[], value: number): void {
  const bytes = registers.map((_, i) => Math.floor(-value / 256 ** i) & 255);
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return;
  for (let i = first; i < registers.length; i++) p.op(i === first ? 'subi' : 'sbci', registers[i], bytes[i]);
}

/** `pair` = the state + `offset`. */
export function pointTo(p: Program, pair: number, offset: number): void {
  p.op('movw', pair, STATE);
  addTo(p, pair, offset);
}

/** `pair` += the product of an 8-bit register and a constant of up to 16 bits, which may be negative; r16 is lost. */
export function addProduct(p: Program, pair: number, register: number, factor: number): void {
  if (factor === 0) return;
  const size = Math.abs(factor);
  const [add, carry] = factor > 0 ? (['add', 'adc'] as const) : (['sub', 'sbc'] as const);
  if (size === 1) {
    p.op(add, pair, register);
    p.op(carry, pair + 1, ZERO);
    return;
  }
  p.op('ldi', 16, size & 255);
  p.op('mul', register, 16);
  p.op(add, pair, 0);
  p.op(carry, pair + 1, 1);
  if (size < 256) return;
  p.op('ldi', 16, size >> 8);
  p.op('mul', register, 16);
  p.op(add, pair + 1, 0);
}

/** `register` (upper) modulo `divisor`, for values up to `most`; `quotient` takes what is cut off, where it is wanted. r16 is lost. */
export function modulo(p: Program, register: number, divisor: number, most: number, quotient?: number): void {
  if (divisor === 1) {
    if (quotient !== undefined) p.op('mov', quotient, register);
    p.op('ldi', register, 0);
    return;
  }
  if (most < divisor) {
    if (quotient !== undefined) p.op('ldi', quotient, 0);
    return;
  }
  for (let shift = 8; shift <= 11; shift++) {
    const inverse = Math.ceil(2 ** shift / divisor);
    if (inverse > 255) break;
    if (!dividesExactly(divisor, inverse, shift, most)) continue;
    p.op('ldi', 16, inverse);
    p.op('mul', register, 16);
    for (let i = 8; i < shift; i++) p.op('lsr', 1);
    if (quotient !== undefined) p.op('mov', quotient, 1);
    p.op('ldi', 16, divisor);
    p.op('mul', 1, 16);
    p.op('sub', register, 0);
    return;
  }
  const again = p.fresh();
  if (quotient !== undefined) p.op('ldi', quotient, 255);
  p.label(again);
  p.times(1 + most / divisor / 2, () => {
    if (quotient !== undefined) p.op('inc', quotient);
    p.op('subi', register, divisor);
    p.branch('brcc', 0.5, again);
  });
  p.op('subi', register, -divisor & 255);
}

function dividesExactly(divisor: number, inverse: number, shift: number, most: number): boolean {
  for (let value = 0; value <= most; value++) if ((value * inverse) >> shift !== Math.floor(value / divisor)) return false;
  return true;
}
