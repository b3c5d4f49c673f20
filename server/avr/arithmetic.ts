import { STATE, ZERO } from './machine.ts';
import type { Program } from './program.ts';

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

/** `pair` += the product of an 8-bit register and a constant of up to 16 bits; r16 is lost. */
export function addProduct(p: Program, pair: number, register: number, factor: number): void {
  if (factor === 0) return;
  if (factor === 1) {
    p.op('add', pair, register);
    p.op('adc', pair + 1, ZERO);
    return;
  }
  p.op('ldi', 16, factor & 255);
  p.op('mul', register, 16);
  p.op('add', pair, 0);
  p.op('adc', pair + 1, 1);
  if (factor < 256) return;
  p.op('ldi', 16, factor >> 8);
  p.op('mul', register, 16);
  p.op('add', pair + 1, 0);
}

/** `register` (upper) = `register` modulo `divisor`, for values up to `most`; r16 and r17 are lost. */
export function modulo(p: Program, register: number, divisor: number, most: number): void {
  if (most < divisor) return;
  for (let shift = 8; shift <= 11; shift++) {
    const inverse = Math.ceil(2 ** shift / divisor);
    if (inverse > 255) break;
    if (!dividesExactly(divisor, inverse, shift, most)) continue;
    p.op('ldi', 16, inverse);
    p.op('mul', register, 16);
    for (let i = 8; i < shift; i++) p.op('lsr', 1);
    p.op('ldi', 16, divisor);
    p.op('mul', 1, 16);
    p.op('sub', register, 0);
    return;
  }
  const again = p.fresh();
  p.label(again);
  p.times(1 + most / divisor / 2, () => {
    p.op('subi', register, divisor);
    p.branch('brcc', 0.5, again);
  });
  p.op('subi', register, -divisor & 255);
}

function dividesExactly(divisor: number, inverse: number, shift: number, most: number): boolean {
  for (let value = 0; value <= most; value++) if ((value * inverse) >> shift !== Math.floor(value / divisor)) return false;
  return true;
}
