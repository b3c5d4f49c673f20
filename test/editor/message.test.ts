import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewOf } from '../../server/language/runs/view.ts';
import type { RunSummary, RunView } from '../../server/protocol.ts';
import { type RunState, unstarted } from '../../server/run/state.ts';
import { isFinished } from '../../server/search/trial.ts';
import { readMessage } from '../../webview/message.ts';
import { proposal, trial } from './journal.ts';

const run: RunSummary = { folder: '/r', spec: '/s', name: 'x', status: 'running', startedAt: 0, elapsedMs: 0, trials: 1, feasible: 1 };
const told = trial(proposal(1, 4), 0.9);
const state: RunState = { ...unstarted, trials: [told], front: [told].filter(isFinished) };
const view = viewOf(run, state, 'name: x\ntarget: { chip: atmega328p }\n');

test('the Budget view takes what the language server makes', () => {
  const message = { type: 'run', view: JSON.parse(JSON.stringify(view)) };
  assert.equal(readMessage(message), message);
  assert.ok(readMessage({ type: 'gone', folder: '/r' }));
});

test('it drops a view that lacks anything it shows', () => {
  const needed: (keyof RunView)[] = ['run', 'budget', 'chip', 'trials', 'candidates'];
  for (const key of needed) assert.equal(readMessage({ type: 'run', view: { ...view, [key]: undefined } }), undefined, key);
  const [candidate] = view.candidates;
  for (const key of Object.keys(candidate.layers[0])) {
    const layers = [{ ...candidate.layers[0], [key]: null }];
    assert.equal(readMessage({ type: 'run', view: { ...view, candidates: [{ ...candidate, layers }] } }), undefined, key);
  }
});

test('it drops anything else', () => {
  fc.assert(fc.property(fc.anything(), (data) => readMessage(data) === undefined));
  fc.assert(fc.property(fc.anything(), (anything) => readMessage({ type: 'run', view: anything }) === undefined));
});
