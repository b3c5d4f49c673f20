import type { Machine, Task } from '../machine/machine.ts';
import { type Odds, oddsOf } from '../machine/odds.ts';
import { type Condition, conditionsOf, type Reach } from '../machine/schedule.ts';
import type { Tally } from '../machine/tally.ts';
import { addTo, multiply } from './arithmetic.ts';
import { loadCounter } from './counters.ts';
import type { Program } from './program.ts';

/** Registers that are free where stages are looked at, all low: neither they nor `base` need be given back to the caller. */
const [ONE, OTHER] = [1, 2];

/** Jumps to `ready` where a stage may run, which is `held` times; the counters are where `base` (low) points to. */
export function look(p: Program, machine: Machine, task: Task, { outcomes }: Tally, ready: string, held: number, base: number): void {
  const next = p.fresh();
  conditionsOf(machine, task).forEach((condition, i) => {
    p.times(outcomes[i].seen, () => test(p, machine, condition, next, oddsOf(outcomes[i]), base));
  });
  p.times(held, () => p.op('b', ready));
  p.label(next);
}

/** Goes on where the condition holds, and to `otherwise` where it does not. */
function test(p: Program, machine: Machine, condition: Condition, otherwise: string, odds: Odds, base: number): void {
  if (condition.kind === 'arrived') {
    hasArrived(p, machine, condition, otherwise, odds, base);
    return;
  }
  loadCounter(p, machine, ONE, condition.counter, base);
  switch (condition.kind) {
    case 'below':
      p.op('cmp i', ONE, condition.limit);
      p.branch('bcs', odds.fails, otherwise);
      return;
    case 'equal':
      p.op('cmp i', ONE, condition.value);
      p.branch('bne', odds.fails, otherwise);
      return;
    case 'behind':
      loadCounter(p, machine, OTHER, condition.other, base);
      p.op('cmp', ONE, OTHER);
      p.branch('bcs', odds.fails, otherwise);
      return;
    case 'enough': {
      const { factor, offset, all } = condition;
      multiply(p, ONE, factor, OTHER);
      addTo(p, ONE, offset, OTHER);
      loadCounter(p, machine, OTHER, condition.other, base);
      p.op('cmp', OTHER, ONE);
      if (all === undefined) {
        p.branch('blt', odds.fails, otherwise);
        return;
      }
      const enough = p.fresh();
      p.branch('bge', odds.passed, enough);
      p.times(1 - odds.passed, () => {
        p.op('cmp i', OTHER, all);
        p.branch('bne', odds.lacks, otherwise);
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
  odds: Odds,
  base: number,
): void {
  const { input, output, row, column } = condition;
  reach(p, machine, `y_${output}`, row, odds.rowCut, base);
  loadCounter(p, machine, OTHER, `y_${input}`, base);
  p.op('cmp', ONE, OTHER);
  if (!column) {
    p.branch('bge', odds.fails, otherwise);
    return;
  }
  const arrived = p.fresh();
  p.branch('blt', odds.passed, arrived);
  p.times(1 - odds.passed, () => p.branch('bne', odds.before, otherwise));
  p.times(odds.reached, () => {
    reach(p, machine, `x_${output}`, column, odds.columnCut, base);
    loadCounter(p, machine, OTHER, `x_${input}`, base);
    p.op('cmp', ONE, OTHER);
    p.branch('bge', odds.columnFails, otherwise);
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
