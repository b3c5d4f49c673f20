import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreseenError } from '../../server/search/foresee.ts';
import type { Measures } from '../../server/search/halving.ts';
import { defaultSpace } from '../../server/search/space.ts';
import { createStrategy, isExhausted } from '../../server/search/strategy.ts';
import type { Trial } from '../../server/search/trial.ts';
import { cost } from './cost.ts';
import { hiddenError } from './landscape.ts';
import { trialOf } from './trials.ts';

const complete = (id: number, rung1: number, accuracy: number) => ({
  ...trialOf({ id, accuracy, ramBytes: 100 }),
  measures: { rung1, rung2: 0.9 },
});

test('a complete trial has its own error, a stopped one what complete trials make of theirs from that rung on', () => {
  // Errors fall from 0.4 to 0.2, 0.1, 0.3, 0.2 and 0.04: the median is half.
  const others = [0.8, 0.9, 0.7, 0.8, 0.96].map((accuracy, id) => complete(id, 0.6, accuracy));
  const stopped = { ...trialOf({ id: 9, accuracy: 0.5, ramBytes: 100 }), measures: { rung1: 0.52, stopped: 1 } };
  assert.equal(foreseenError(complete(7, 0.1, 0.75), others), 0.25);
  assert.ok(Math.abs(foreseenError(stopped, others)! - 0.25) < 1e-12);
  assert.equal(foreseenError(stopped, others.slice(1)), undefined, 'four say too little');
  assert.equal(foreseenError(stopped, [...others.slice(1), stopped]), undefined, 'a stopped trial is none to go by');
  const late = { ...stopped, measures: { rung1: 0.52, rung2: 0.5, stopped: 2 } };
  assert.ok(Math.abs(foreseenError({ ...late, accuracy: 0.9 }, others)! - 0.2) < 1e-12, 'from the second rung errors rose from 0.1 to 0.2');
});

test('sparse goes on where trials are stopped, from the very first', () => {
  const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
  const strategy = createStrategy('sparse', { space, price: cost, objectives: ['error', 'ram'], limits: { ram: 600 }, seed: 1 });
  for (let id = 0; id < 40; id++) {
    const answer = strategy.ask();
    assert.ok(!isExhausted(answer));
    const { refused: _, duplicates: __, ...proposal } = answer;
    const accuracy = 1 - hiddenError(proposal.genotype!);
    const stopped = id < 15 || id % 3 === 0;
    const measures: Measures = { rung1: accuracy / 2, ...(stopped ? { stopped: 1 } : { rung2: accuracy }) };
    const trial: Trial = { ...proposal, durationMs: 1, status: 'finished', accuracy: stopped ? accuracy / 2 : accuracy, measures };
    strategy.tell(trial);
  }
});
