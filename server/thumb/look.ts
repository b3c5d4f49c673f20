import type { Machine, Task } from '../machine/machine.ts';
import { type Condition, conditionsOf, type Reach } from '../machine/schedule.ts';
import type { Outcomes, Tally } from '../machine/tally.ts';
import { addTo, multiply } from './arithmetic.ts';
import { loadCounter } from './counters.ts';
import type { Program } from './program.ts';

/** Registers that are free where stages are looked at, all low: neither they nor `base` need be given back to the caller. */
const [ONE, OTHER] = [1, 2];

/** Jumps to `ready` where a stage may run, which is `held` times; the counters are where `base` (low) points to. */
export function look(p: Program, machine: Machine, task: Task, { outcomes }: Tally, ready: string, held: number, base: number): void {
  const next = p.fresh();
  conditionsOf(machine, task).forEach((condition, i) => {
    p.times(outcomes[i].seen, () => test(p, machine, condition, next, outcomes[i], base));
  });
  p.times(held, () => p.op('b', ready));
  p.label(next);
}

/** Goes on where the condition holds, and to `otherwise` where it does not. */
function test(p: Program, machine: Machine, condition: Condition, otherwise: string, outcomes: Outcomes, base: number): void {
  if (condition.kind === 'arrived') {
    hasArrived(p, machine, condition, otherwise, outcomes, base);
    return;
  }
  const seen = Math.max(1, outcomes.seen);
  const fails = (outcomes.seen - outcomes.held) / seen;
  loadCounter(p, machine, ONE, condition.counter, base);
  switch (condition.kind) {
    case 'below':
      p.op('cmp i', ONE, condition.limit);
      p.branch('bcs', fails, otherwise);
      return;
    case 'equal':
      p.op('cmp i', ONE, condition.value);
      p.branch('bne', fails, otherwise);
      return;
    case 'behind':
      loadCounter(p, machine, OTHER, condition.other, base);
      p.op('cmp', ONE, OTHER);
      p.branch('bcs', fails, otherwise);
      return;
    case 'enough': {
      const { factor, offset, all } = condition;
      multiply(p, ONE, factor, OTHER);
      addTo(p, ONE, offset, OTHER);
      loadCounter(p, machine, OTHER, condition.other, base);
      p.op('cmp', OTHER, ONE);
      if (all === undefined) {
        p.branch('blt', fails, otherwise);
        return;
      }
      const enough = p.fresh();
      const short = 1 - outcomes.passed / seen;
      p.branch('bge', 1 - short, enough);
      p.times(short, () => {
        p.op('cmp i', OTHER, all);
        p.branch('bne', short > 0 ? fails / short : 0, otherwise);
      });
      p.label(enough);
    }
  }
}

function hasArrived(
  p: Program,
  machine: Machine,
  condition: Condition & { kind: 'arrived' },
  otherwise: string,
  outcomes: Outcomes,
  base: number,
): void {
  const { input, output, row, column } = condition;
  const { held, passed, reached, rowCut, columnCut } = outcomes;
  const seen = Math.max(1, outcomes.seen);
  reach(p, machine, `y_${output}`, row, rowCut / seen, base);
  loadCounter(p, machine, OTHER, `y_${input}`, base);
  p.op('cmp', ONE, OTHER);
  if (!column) {
    p.branch('bge', 1 - held / seen, otherwise);
    return;
  }
  const arrived = p.fresh();
  p.branch('blt', passed / seen, arrived);
  p.times(1 - passed / seen, () => p.branch('bne', 1 - reached / Math.max(1, seen - passed), otherwise));
  p.times(reached / seen, () => {
    reach(p, machine, `x_${output}`, column, columnCut / Math.max(1, reached), base);
    loadCounter(p, machine, OTHER, `x_${input}`, base);
    p.op('cmp', ONE, OTHER);
    p.branch('bge', 1 - (held - passed) / Math.max(1, reached), otherwise);
  });
  p.label(arrived);
}

/** ONE = the last row or column that is needed, which the input's end cuts short in `cut` of the cases. */
function reach(p: Program, machine: Machine, counter: string, { factor, offset, most }: Reach, cut: number, base: number): void {
  if (!machine.counters.has(counter)) {
    p.op('movs i', ONE, Math.min(offset, most));
    return;
  }
  loadCounter(p, machine, ONE, counter, base);
  multiply(p, ONE, factor, OTHER);
  addTo(p, ONE, offset, OTHER);
  p.op('cmp i', ONE, most);
  p.unless('blt', 1 - cut, () => p.op('movs i', ONE, most));
}
