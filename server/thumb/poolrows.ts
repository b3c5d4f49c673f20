import { rowsOf } from '../machine/axis.ts';
import type { Machine, Task } from '../machine/machine.ts';
import { addTo, multiply } from './arithmetic.ts';
import { countUp, loadCounter, pointTo, pointToCounters } from './counters.ts';
import { pointToRow } from './place.ts';
import { closePool, FRESH } from './pool.ts';
import type { Program } from './program.ts';
import { A, B, FIRST, TAP, W, X, Y } from './registers.ts';
import { emitColumns } from './window.ts';

/** A row-streamed pool takes a row of its input into its running results. Y points to the counters, before and after. */
export function takePool(p: Program, machine: Machine, task: Task): void {
  const { stage, inputs, sums, output } = task;
  const [input] = inputs;
  const { kernelY, strideY, padTop, padLeft } = stage.window!;
  const [taken, made] = [`taken_${stage.name}`, `rows_${stage.name}`];
  const passedOver = p.fresh();
  const { under, last } = rowsOf(task);
  /** TAP: the row's place in its window; B: the row; W: rows made. */
  const place = () => {
    loadCounter(p, machine, B, taken);
    loadCounter(p, machine, W, made);
    p.op('mov', A, W);
    multiply(p, A, strideY, X);
    p.op('mov', TAP, B);
    addTo(p, TAP, padTop, X);
    p.op('subs r', TAP, TAP, A);
  };
  place();
  p.op('cmp i', TAP, kernelY);
  p.branch('bcs', 1 - under, passedOver);
  p.times(under, () => {
    p.op('cmp i', W, stage.shape.height);
    p.branch('bcs', 0, passedOver);
    // Not zero where the row is the window's first.
    if (padTop > 0) {
      p.op('cmp i', B, 0);
      p.unless('bne', 1 - 1 / input.height, () => p.op('movs i', TAP, 0));
    }
    p.op('subs i', TAP, 1);
    p.op('asrs i', TAP, TAP, 31);
    p.store(TAP, FRESH);
    pointToRow(p, X, input, B);
    addTo(p, X, -padLeft * input.channels);
    p.op('mov', FIRST, X);
    if (sums) pointTo(p, Y, sums.offset);
    else pointToRow(p, Y, output, W);
    emitColumns(p, task);
    pointToCounters(p, machine);
    place();
    const whole = p.fresh();
    p.op('cmp i', TAP, kernelY - 1);
    p.branch('beq', last, whole);
    p.op('cmp i', B, input.height - 1);
    p.branch('bne', 1, passedOver);
    p.label(whole);
    p.times(last, () => {
      if (sums) {
        pointToRow(p, Y, output, W);
        pointTo(p, X, sums.offset);
        closePool(p, task, stage.shape.width * stage.shape.channels);
        pointToCounters(p, machine);
      }
      countUp(p, machine, made, TAP, A);
    });
  });
  p.label(passedOver);
  countUp(p, machine, taken, TAP, A);
}
