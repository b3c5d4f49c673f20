import type { Place } from '../machine/machine.ts';
import type { Program } from './program.ts';
import { TAP, WEIGHT, ZERO } from './registers.ts';

/** Shares of weights of 2 bits that are 1, -1 and -2. */
export type Signs = { readonly plus: number; readonly minus: number; readonly twice: number };

/** Of so many entries; the weights themselves without it. */
export function signsOf(weights: Int8Array, entries = weights.length): Signs {
  const signs = { plus: 0, minus: 0, twice: 0 };
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 1) signs.plus++;
    else if (weights[i] === -1) signs.minus++;
    else if (weights[i] !== 0) signs.twice++;
  }
  const all = Math.max(1, entries);
  return { plus: signs.plus / all, minus: signs.minus / all, twice: signs.twice / all };
}

/** Where the sign of a tap goes, no product being made. */
const EXTENSION = 1;

const isSigned = ({ unsigned, least }: Place): boolean => !unsigned && least < 0;

/** Makes the upper byte of the tap, where it has a sign. */
export function extendTap(p: Program, input: Place): void {
  if (!isSigned(input)) return;
  p.op('mov', EXTENSION, TAP);
  p.op('add', EXTENSION, EXTENSION);
  p.op('sbc', EXTENSION, EXTENSION);
}

/** Adds the tap times the weight of which WEIGHT has the sign in bit `sign` and the rest below: by adding or subtracting, or neither. */
export function addBySign(p: Program, input: Place, sum: readonly number[], sign: number, { plus, minus, twice }: Signs): void {
  const [odd, even] = [plus + minus, Math.max(0, 1 - plus - minus)];
  const [subtract, whole, over] = [p.fresh(), p.fresh(), p.fresh()];
  const add = (first: 'add' | 'sub', next: 'adc' | 'sbc') =>
    sum.forEach((register, i) => {
      p.op(i === 0 ? first : next, register, i === 0 ? TAP : isSigned(input) ? EXTENSION : ZERO);
    });
  p.branch('sbrs', odd, WEIGHT, sign - 1);
  p.times(even, () => p.op('rjmp', twice > 0 ? whole : over));
  p.times(odd, () => p.branch('sbrc', odd > 0 ? plus / odd : 0, WEIGHT, sign));
  p.times(minus, () => p.op('rjmp', subtract));
  p.times(plus, () => {
    add('add', 'adc');
    p.op('rjmp', over);
  });
  p.label(subtract);
  p.times(minus, () => add('sub', 'sbc'));
  if (twice > 0) {
    p.times(minus, () => p.op('rjmp', over));
    p.label(whole);
    p.times(even, () => p.branch('sbrs', even > 0 ? twice / even : 0, WEIGHT, sign));
    p.times(Math.max(0, even - twice), () => p.op('rjmp', over));
    p.times(twice, () => {
      add('sub', 'sbc');
      add('sub', 'sbc');
    });
  }
  p.label(over);
}
