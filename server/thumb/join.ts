import type { Task } from '../machine/machine.ts';
import { scaled } from '../machine/range.ts';
import { joined } from '../machine/scaling.ts';
import { addTo, constant } from './arithmetic.ts';
import { loadTap } from './products.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, TAP, W, X, Y } from './registers.ts';
import { clamp } from './requantize.ts';

/** Where the inputs of a join are read: registers that move on. */
export const INPUTS = [X, W, 5, 6] as const;
/** Their multipliers while they are added. */
const MULTIPLIERS = [8, 9, 10, 11];

/** Emits `pixels` pixels of an add, a concat or a ReLU, from the registers of its inputs to Y, which all move on. */
export function join(p: Program, task: Task, pixels: number): void {
  const { stage } = task;
  if (stage.op === 'concat') concat(p, task, pixels);
  else if (stage.op === 'relu') {
    const [input] = task.inputs;
    throughout(p, pixels * stage.shape.channels, () => {
      load(p, task, 0);
      clamp(p, TAP, A, { least: input.least, most: input.most }, stage.low, stage.high);
      p.op('strb', TAP, Y, 0);
    });
  } else add(p, task, pixels);
}

function add(p: Program, task: Task, pixels: number): void {
  const { stage, inputs } = task;
  const { multipliers } = stage.rescale!;
  inputs.forEach((_, i) => {
    constant(p, A, multipliers[i]);
    p.op('mov', MULTIPLIERS[i], A);
  });
  constant(p, A, joined(task, [...inputs.keys()]).constant);
  p.op('mov', FIRST, A);
  throughout(p, pixels * stage.shape.channels, () => {
    p.op('mov', A, FIRST);
    inputs.forEach((_, i) => {
      load(p, task, i);
      p.op('mov', B, MULTIPLIERS[i]);
      p.op('muls', TAP, B);
      p.op('adds r', A, A, TAP);
    });
    settle(p, task, A, TAP, [...inputs.keys()]);
  });
}

function concat(p: Program, task: Task, pixels: number): void {
  const { stage, inputs } = task;
  p.loop('pixels', pixels, () =>
    inputs.forEach((input, i) => {
      constant(p, A, joined(task, [i]).constant);
      p.op('mov', FIRST, A);
      constant(p, B, stage.rescale!.multipliers[i]);
      throughout(p, input.channels, () => {
        load(p, task, i);
        p.op('muls', TAP, B);
        p.op('add', TAP, FIRST);
        settle(p, task, TAP, A, [i]);
      });
    }),
  );
}

/** Runs `body` for each of so many bytes of output, one after the other. */
const throughout = (p: Program, count: number, body: () => void): void =>
  p.through(Y, count, count, () => {
    body();
    p.op('adds i', Y, 1);
  });

/** TAP = the next value of an input. */
function load(p: Program, { inputs }: Task, i: number): void {
  if (INPUTS[i] === X) loadTap(p, inputs[i], 0);
  else {
    p.op('ldrb', TAP, INPUTS[i], 0);
    if (!inputs[i].unsigned && inputs[i].least < 0) p.op('sxtb', TAP, TAP);
  }
  addTo(p, INPUTS[i], 1);
}

/** Shifts a sum of these inputs' products down, clamps and stores it. */
function settle(p: Program, task: Task, value: number, temporary: number, which: readonly number[]): void {
  const { stage } = task;
  const { shift } = stage.rescale!;
  p.op('asrs i', value, value, shift);
  clamp(p, value, temporary, scaled(joined(task, which).range, 1, shift), stage.low, stage.high);
  p.op('strb', value, Y, 0);
}
