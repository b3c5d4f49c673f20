import type { Task } from '../machine/machine.ts';
import { bytesFor } from '../machine/range.ts';
import { joined } from '../machine/scaling.ts';
import { addConstant } from './arithmetic.ts';
import type { Program } from './program.ts';
import { COLUMN, COUNT, FIRST, SUMS, TAP, WEIGHT, X, ZERO } from './registers.ts';
import { settle } from './requantize.ts';

/** Where the inputs of a join are read: pairs of registers that move on. */
export const inputPair = (i: number): number => SUMS + 4 + 2 * i;
export const MOST_INPUTS = 4;

/** Emits `pixels` pixels of an add, a concat or a ReLU, from the pairs of its inputs to Y, which all move on. */
export function join(p: Program, task: Task, pixels: number): void {
  const { stage, inputs } = task;
  if (stage.op === 'concat') {
    p.loop(COLUMN, pixels, () =>
      inputs.forEach((input, i) => {
        p.op('movw', X, inputPair(i));
        p.loop(COUNT, input.channels, () => weighted(p, task, [i], () => p.op('ld X+', TAP)));
        p.op('movw', inputPair(i), X);
      }),
    );
    return;
  }
  const count = pixels * stage.shape.channels;
  if (stage.op === 'relu') {
    p.op('movw', X, inputPair(0));
    p.loop(COLUMN, count, () => relu(p, task));
    return;
  }
  p.loop(COLUMN, count, () =>
    weighted(p, task, [...inputs.keys()], (i) => {
      p.op('movw', X, inputPair(i));
      p.op('ld X+', TAP);
      p.op('movw', inputPair(i), X);
    }),
  );
}

function relu(p: Program, { stage, inputs: [input] }: Task): void {
  p.op('ld X+', TAP);
  if (stage.low > (input.unsigned ? 0 : -128)) {
    p.op('cpi', TAP, stage.low & 255);
    p.unless(input.unsigned ? 'brcc' : 'brge', 0.5, () => p.op('ldi', TAP, stage.low & 255));
  }
  if (stage.high < (input.unsigned ? 255 : 127)) {
    const under = p.fresh();
    p.op('cpi', TAP, (stage.high + 1) & 255);
    p.branch(input.unsigned ? 'brcs' : 'brlt', 0.5, under);
    p.op('ldi', TAP, stage.high & 255);
    p.label(under);
  }
  p.op('st Y+', TAP);
}

/** One output: the sum of these inputs' elements times their multipliers, shifted. */
function weighted(p: Program, task: Task, which: readonly number[], load: (input: number) => void): void {
  const { stage, inputs } = task;
  const { multipliers, shift } = stage.rescale!;
  const { constant, range } = joined(task, which);
  const bytes = Math.max(3, bytesFor(range), Math.floor(shift / 8) + 1);
  const sum = Array.from({ length: bytes }, (_, i) => SUMS + i);
  which.forEach((i, at) => {
    load(i);
    addProduct(p, sum, multipliers[i], !inputs[i].unsigned, at === 0);
  });
  const value = [FIRST, FIRST + 1, WEIGHT, TAP].slice(0, bytes);
  value.forEach((register, i) => {
    p.op('mov', register, sum[i]);
  });
  addConstant(p, value, constant);
  p.op('st Y+', settle(p, value, shift, range, stage.low, stage.high));
}

/** Adds the tap times a constant below 2^15. */
function addProduct(p: Program, sum: readonly number[], multiplier: number, signed: boolean, begins: boolean): void {
  const multiply = signed ? 'mulsu' : 'mul';
  if (begins) for (const register of sum) p.op('mov', register, ZERO);
  [multiplier & 255, multiplier >> 8].forEach((byte, at) => {
    if (byte === 0) return;
    p.op('ldi', WEIGHT, byte);
    p.op(multiply, TAP, WEIGHT);
    const above = sum.slice(at + 2);
    if (signed) for (const register of above) p.op('sbc', register, ZERO);
    p.op('add', sum[at], 0);
    p.op('adc', sum[at + 1], 1);
    for (const register of above) p.op('adc', register, ZERO);
  });
}
