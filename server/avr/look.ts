import type { Machine, Task } from '../machine/machine.ts';
import { type Odds, oddsOf } from '../machine/odds.ts';
import { type Condition, conditionsOf, type Reach } from '../machine/schedule.ts';
import type { Tally } from '../machine/tally.ts';
import { addConstant } from './arithmetic.ts';
import { loadCounter } from './counters.ts';
import type { Program } from './program.ts';
import { COLUMN, KERNEL_ROWS, LIMIT, TAP, WEIGHT } from './registers.ts';
import { compare, compareWith, loadRow, scaled } from './wide.ts';

/** Jumps to `ready` where a stage may run, which is `held` times. */
export function look(p: Program, machine: Machine, task: Task, { outcomes }: Tally, ready: string, held: number): void {
  const next = p.fresh();
  conditionsOf(machine, task).forEach((condition, i) => {
    p.times(outcomes[i].seen, () => test(p, machine, condition, next, oddsOf(outcomes[i])));
  });
  p.times(held, () => p.op('rjmp', ready));
  p.label(next);
}

/** Goes on where the condition holds, and to `otherwise` where it does not. */
function test(p: Program, machine: Machine, condition: Condition, otherwise: string, odds: Odds): void {
  if (condition.kind === 'arrived') {
    hasArrived(p, machine, condition, otherwise, odds);
    return;
  }
  const own = loadRow(p, machine, condition.counter, [TAP, COLUMN]);
  switch (condition.kind) {
    case 'below':
      compareWith(p, own, condition.limit, KERNEL_ROWS);
      p.branch('brcc', odds.fails, otherwise);
      return;
    case 'equal':
      compareWith(p, own, condition.value, KERNEL_ROWS);
      p.branch('brne', odds.fails, otherwise);
      return;
    case 'behind':
      compare(p, own, loadRow(p, machine, condition.other, [WEIGHT, LIMIT]));
      p.branch('brcc', odds.fails, otherwise);
      return;
    case 'enough': {
      const { factor, offset, all } = condition;
      if (own.length > 1) scaled(p, own, factor, own, KERNEL_ROWS);
      else multiply(p, TAP, factor);
      addConstant(p, own, offset);
      const other = loadRow(p, machine, condition.other, [WEIGHT, LIMIT]);
      compare(p, other, own);
      if (all === undefined) {
        p.branch('brcs', odds.fails, otherwise);
        return;
      }
      const enough = p.fresh();
      p.branch('brcc', odds.passed, enough);
      p.times(1 - odds.passed, () => {
        compareWith(p, other, all, KERNEL_ROWS);
        p.branch('brne', odds.lacks, otherwise);
      });
      p.label(enough);
    }
  }
}

function hasArrived(p: Program, machine: Machine, condition: Condition & { kind: 'arrived' }, otherwise: string, odds: Odds): void {
  const { input, output, row, column } = condition;
  reach(p, machine, `y_${output}`, row, odds.rowCut);
  loadCounter(p, machine, WEIGHT, `y_${input}`);
  p.op('cp', TAP, WEIGHT);
  if (!column) {
    p.branch('brcc', odds.fails, otherwise);
    return;
  }
  const arrived = p.fresh();
  p.branch('brcs', odds.passed, arrived);
  p.times(1 - odds.passed, () => p.branch('brne', odds.before, otherwise));
  p.times(odds.reached, () => {
    reach(p, machine, `x_${output}`, column, odds.columnCut);
    loadCounter(p, machine, WEIGHT, `x_${input}`);
    p.op('cp', TAP, WEIGHT);
    p.branch('brcc', odds.columnFails, otherwise);
  });
  p.label(arrived);
}

/** r16 = the last row or column that is needed, which the input's end cuts short in `cut` of the cases. */
function reach(p: Program, machine: Machine, counter: string, { factor, offset, most }: Reach, cut: number): void {
  if (!machine.counters.has(counter)) {
    p.op('ldi', TAP, Math.min(offset, most));
    return;
  }
  loadCounter(p, machine, TAP, counter);
  multiply(p, TAP, factor);
  if (offset !== 0) p.op('subi', TAP, -offset & 255);
  const within = p.fresh();
  p.op('cpi', TAP, most);
  p.branch('brcs', 1 - cut, within);
  p.times(cut, () => p.op('ldi', TAP, most));
  p.label(within);
}

function multiply(p: Program, register: number, factor: number): void {
  if (factor === 2) p.op('add', register, register);
  else if (factor > 2) {
    p.op('ldi', KERNEL_ROWS, factor);
    p.op('mul', register, KERNEL_ROWS);
    p.op('mov', register, 0);
  }
}
