import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { journalPath, readJournal, resumeJournal } from '../../server/run/journal.ts';
import { isHolder } from '../../server/run/lock.ts';
import { type RunState, stateOf } from '../../server/run/state.ts';
import { type Child, call, callWith, launch } from './call.ts';
import { filesIn, makeTask, specText, type Task } from './task.ts';

const stateIn = (task: Task): RunState => stateOf(task.runs().flatMap((run) => readJournal(run).records));
const toldIn = (task: Task): string[] => journalLines(task).filter((line) => line.startsWith('{"type":"told"'));
const journalLines = (task: Task): string[] =>
  task
    .runs()
    .filter((run) => existsSync(journalPath(run)))
    .flatMap((run) => readFileSync(journalPath(run), 'utf8').split('\n'));

/** Until as many trials of a search are told. */
async function told(task: Task, trials: number, child: Child): Promise<void> {
  while (toldIn(task).length < trials) {
    assert.equal(child.process.exitCode, null, 'the search ended too early');
    await pause(10);
  }
}

const onceIn = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? assert.fail(`${pattern} is not in ${text}`);

test('Ctrl-C ends the workers, keeps the journal, and says how to go on; going on finishes', async (t) => {
  const task = makeTask();
  const child = launch(t, 'search', task.spec, '--trials', '5000', '--workers', '2', '--seed', '9');
  await told(task, 2, child);
  child.process.kill('SIGINT');
  const { code, signal, out, err } = await child.ended;
  assert.deepEqual([code, signal, out], [2, null, '']);
  const [run] = task.runs();
  assert.ok(!existsSync(join(run, 'lock')), 'the run is free again');
  const stopped = stateIn(task);
  assert.deepEqual([stopped.status, stopped.reason], ['interrupted', 'stopped by SIGINT']);
  assert.ok(stopped.pending.length <= 2, 'what was in training is to be tried again');
  assert.ok(stopped.trials.every(({ status }) => status === 'finished'));
  assert.match(err, /nothing is lost/);

  const hint = onceIn(err, /^.*Go on with: sparse (.*)$/m);
  const args = hint.replace('5000', String(stopped.trials.length + 2)).split(' ');
  assert.ok(args.includes('--resume') && args.includes('9'), hint);
  const resumed = await call(...args);
  assert.equal(resumed.code, 0, resumed.err);
  assert.deepEqual(task.runs(), [run]);
  const ended = stateIn(task);
  assert.deepEqual([ended.status, ended.trials.length, ended.oddities], ['finished', stopped.trials.length + 2, []]);
  assert.deepEqual(ended.trials.slice(0, stopped.trials.length), stopped.trials);
});

test('a killed search goes on where it was: what was told is kept, the end is that of a search never killed', async (t) => {
  const task = makeTask();
  const child = launch(t, 'search', task.spec, '--trials', '5000');
  await told(task, 2, child);
  child.process.kill('SIGKILL');
  assert.equal((await child.ended).signal, 'SIGKILL');
  const [run] = task.runs();
  const before = journalLines(task).slice(0, -1);
  const kept = toldIn(task).length;
  const weights = filesIn(join(run, 'candidates'));
  const trainedAt = (id: number) => statSync(join(run, 'candidates', `${id}.json`)).mtimeMs;
  const times = stateIn(task).trials.map(({ id }) => trainedAt(id));
  assert.equal(stateIn(task).status, 'running');

  const trials = String(kept + 2);
  const { code, err } = await call('search', task.spec, '--trials', trials, '--resume');
  assert.equal(code, 0, err);
  assert.deepEqual(task.runs(), [run]);
  assert.deepEqual(journalLines(task).slice(0, before.length), before);
  const state = stateIn(task);
  assert.deepEqual([state.status, state.trials.length, state.oddities], ['finished', kept + 2, []]);
  for (const { id } of state.trials.slice(0, kept)) {
    if (id === state.chosen) continue;
    assert.equal(trainedAt(id), times[id], `trial ${id} was not trained again`);
    assert.equal(filesIn(join(run, 'candidates'))[`${id}.json`], weights[`${id}.json`]);
  }

  const whole = makeTask();
  assert.equal((await call('search', whole.spec, '--trials', trials)).code, 0);
  const results = (each: Task) => stateIn(each).trials.map(({ durationMs: _, ...trial }) => trial);
  assert.deepEqual(results(task), results(whole));
  assert.deepEqual(filesIn(join(task.folder, 'firmware')), filesIn(join(whole.folder, 'firmware')));
});

test('resuming a finished search trains nothing again and gives the same C; with more trials it goes on', async () => {
  const task = makeTask({ training: '{ epochs: 2, finalEpochs: 4, batch: 32 }' });
  assert.equal((await call('search', task.spec, '--trials', '2')).code, 0);
  const [run] = task.runs();
  const [candidates, firmware] = [filesIn(join(run, 'candidates')), filesIn(join(task.folder, 'firmware'))];
  const { code, out } = await call('search', task.spec, '--trials', '2', '--resume');
  assert.equal(code, 0);
  assert.match(out, /tiny\.c \(unchanged\)/);
  assert.deepEqual(filesIn(join(run, 'candidates')), candidates);
  assert.deepEqual(filesIn(join(task.folder, 'firmware')), firmware);
  assert.equal((await call('search', task.spec, '--trials', '3', '--resume')).code, 0);
  const state = stateIn(task);
  assert.deepEqual([state.status, state.trials.length, state.oddities], ['finished', 3, []]);
});

test('an abort before the first trial leaves a run that can be resumed', async () => {
  const task = makeTask();
  const stopped = await callWith(AbortSignal.abort('stopped by SIGTERM'), 'search', task.spec);
  assert.equal(stopped.code, 2);
  assert.match(stopped.err, /Go on with: .*--resume/);
  assert.deepEqual([stateIn(task).status, stateIn(task).trials], ['interrupted', []]);
  assert.equal((await call('search', task.spec, '--resume', '--trials', '1')).code, 0);
});

test('what cannot be resumed says why, and changes nothing', async () => {
  const task = makeTask();
  const refused = async (why: RegExp, ...more: string[]) => {
    const before = task.files();
    const { code, out, err } = await call('search', task.spec, '--resume', ...more);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, why);
    assert.deepEqual(task.files(), before);
  };
  await refused(/there is no run of tiny to resume/);
  assert.equal((await call('search', task.spec, '--trials', '1')).code, 0);
  const [run] = task.runs();
  await refused(/it was begun with seed 3, not 5/, '--seed', '5');
  task.put('tiny.sparse.yaml', specText({ training: '{ epochs: 3, batch: 32 }' }));
  await refused(/the spec was changed since/);
  task.put('tiny.sparse.yaml', specText());
  const held = resumeJournal(run);
  assert.ok(!isHolder(held) && 'writer' in held);
  await refused(new RegExp(`still being written by process ${process.pid}`));
  held.writer.close();
  task.put(journalPath(run).slice(task.folder.length), '{"type":"header","version":99}\n');
  await refused(/format version 99/);
});

test('two searches of one spec at once are two runs', async () => {
  const task = makeTask();
  const both = await Promise.all([call('search', task.spec, '--trials', '1'), call('search', task.spec, '--trials', '1')]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.equal(task.runs().length, 2);
});

test('an older run goes on when it is named; only together with --resume', async (t) => {
  const task = makeTask();
  const child = launch(t, 'search', task.spec, '--trials', '5000');
  await told(task, 1, child);
  child.process.kill('SIGINT');
  await child.ended;
  const [older] = task.runs();
  assert.equal((await call('search', task.spec, '--trials', '1')).code, 0);
  assert.equal(task.runs().length, 2);
  assert.equal((await call('search', task.spec, '--run', older)).code, 2);
  const told1 = stateOf(readJournal(older).records).trials.length;
  const { code, err } = await call('search', task.spec, '--resume', '--run', older, '--trials', String(told1 + 1));
  assert.equal(code, 0, err);
  const ended = stateOf(readJournal(older).records);
  assert.deepEqual([ended.status, ended.trials.length], ['finished', told1 + 1]);
});
