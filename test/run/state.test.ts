import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JournalRecord } from '../../server/run/record.ts';
import { reduce, stateOf, timeLeftMs, unstarted } from '../../server/run/state.ts';
import { front } from '../../server/search/front.ts';
import { isFeasible } from '../../server/search/objective.ts';
import { isFinished, type Trial } from '../../server/search/trial.ts';
import { trialOf } from '../search/trials.ts';
import { header, journalOf } from './records.ts';

const told = (trial: Trial, atMs = 1_001_000): JournalRecord => ({ type: 'told', atMs, trial });

test('a run in flight: its trials, its front, what is pending', () => {
  const records = journalOf(17);
  const state = stateOf(records);
  const trials = records.flatMap((record) => (record.type === 'told' ? [record.trial] : []));
  const proposals = records.flatMap((record) => (record.type === 'asked' ? [record.proposal] : []));
  assert.equal(state.status, 'running');
  assert.deepEqual(state.trials, trials);
  assert.deepEqual(
    state.pending.map((proposal) => proposal.id),
    [17],
  );
  assert.deepEqual(new Set(state.front), new Set(front(trials, header.objectives, header.limits)));
  const feasible = trials.filter(isFinished).filter((trial) => isFeasible(trial, header.limits));
  assert.equal(state.feasible, feasible.length);
  assert.equal(state.failed, 3);
  assert.equal(state.bestAccuracy, Math.max(...feasible.map((trial) => trial.accuracy)));
  assert.equal(state.leastRamBytes, Math.min(...feasible.map((trial) => trial.price.ramBytes)));
  assert.equal(
    state.refused,
    proposals.reduce((sum, proposal) => sum + proposal.refused, 0),
  );
  assert.equal(state.spentMs, 17_000);
  assert.deepEqual(state.oddities, []);
});

test('a trial over the limits is kept, but is not feasible', () => {
  const state = stateOf([header, told(trialOf({ id: 0, accuracy: 0.9, ramBytes: 4000 }))]);
  assert.deepEqual([state.trials.length, state.feasible, state.front, state.bestAccuracy], [1, 0, [], undefined]);
});

test('interrupted, resumed, finished, extended', () => {
  const steps: JournalRecord[] = [
    header,
    told(trialOf({ id: 0, accuracy: 0.9, ramBytes: 1000 }), 1_004_000),
    { type: 'interrupted', atMs: 1_005_000, reason: 'SIGINT' },
    { type: 'resumed', atMs: 9_000_000, engine: 'other', versions: {}, workers: 4, timeMs: 60_000 },
    { type: 'finished', atMs: 9_002_000, chosen: 0, reason: 'the time is up', measures: { test: 0.9 } },
    { type: 'resumed', atMs: 9_100_000, engine: 'other', versions: {}, workers: 4, trials: 50 },
  ];
  const states = steps.map((_, index) => stateOf(steps.slice(0, index + 1)));
  assert.deepEqual(
    states.map((state) => state.status),
    ['running', 'running', 'interrupted', 'running', 'finished', 'running'],
  );
  assert.deepEqual(
    states.map((state) => state.reason),
    [undefined, undefined, 'SIGINT', undefined, 'the time is up', undefined],
  );
  assert.deepEqual(
    states.map((state) => state.spentMs),
    [0, 4000, 5000, 5000, 7000, 7000],
  );
  assert.equal(states[4].chosen, 0);
  assert.deepEqual(states[4].measures, { test: 0.9 });
  assert.deepEqual(
    [states[3].header?.timeMs, states[3].header?.trials, states[5].header?.timeMs, states[5].header?.trials],
    [60_000, undefined, undefined, 50],
  );
  assert.equal(states[5].header?.seed, header.seed);
});

test('records out of place change nothing and are named', () => {
  const trial = trialOf({ id: 0, accuracy: 0.9, ramBytes: 1000 });
  const state = stateOf([
    header,
    header,
    told(trial),
    told({ ...trial, accuracy: 0.1 }),
    { type: 'finished', atMs: 2_000_000, chosen: 9, reason: '' },
  ]);
  assert.deepEqual(state.oddities, ['a second header', 'trial 0 was told twice', 'no trial 9 was told, yet it is chosen']);
  assert.deepEqual(state.trials, [trial]);
  assert.equal(state.chosen, undefined);
});

test('the clock may jump', () => {
  const state = stateOf([
    header,
    told(trialOf({ id: 0, accuracy: 0.9, ramBytes: 1 }), 1_005_000),
    told(trialOf({ id: 1, accuracy: 0.9, ramBytes: 1 }), 500),
  ]);
  assert.deepEqual([state.spentMs, state.updatedMs], [5000, 1_005_000]);
});

test('records in any order, any of them missing, make a state', () => {
  const records: JournalRecord[] = [
    ...journalOf(10),
    { type: 'interrupted', atMs: 5, reason: '' },
    { type: 'failed', atMs: 6, reason: '' },
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(records), (some) => {
      const before = JSON.stringify(some);
      const state = stateOf(some);
      assert.equal(JSON.stringify(some), before);
      assert.equal(state.feasible + state.failed <= state.trials.length, true);
      assert.ok(state.pending.every((proposal) => state.trials.every((trial) => trial.id !== proposal.id)) || state.oddities.length > 0);
    }),
  );
});

test('reducing does not change the state before', () => {
  let state = unstarted;
  for (const record of journalOf(12)) {
    const before = JSON.stringify(state);
    const next = reduce(state, record);
    assert.equal(JSON.stringify(state), before);
    state = next;
  }
});

test('the time left, by trials and by time', () => {
  const state = stateOf(journalOf(10));
  assert.equal(timeLeftMs(unstarted, 0), undefined);
  assert.equal(timeLeftMs(state, state.updatedMs), 10_000);
  assert.equal(timeLeftMs(state, state.updatedMs + 4000), 6000);
  const timed = reduce(state, {
    type: 'resumed',
    atMs: state.updatedMs,
    engine: 'e',
    versions: {},
    workers: 1,
    trials: 20,
    timeMs: 12_000,
  });
  assert.equal(timeLeftMs(timed, timed.updatedMs), 2000);
  assert.equal(timeLeftMs(timed, timed.updatedMs + 9000), 0);
});
