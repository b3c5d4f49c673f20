import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from '../../server/cli/main.ts';
import { readJournal } from '../../server/run/journal.ts';
import { stateOf } from '../../server/run/state.ts';
import { call, launch } from './call.ts';
import { makeTask } from './task.ts';

const root = new URL('../../', import.meta.url);

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  assert.deepEqual(await call('--version'), { code: 0, out: `${version}\n`, err: '' });
});

test('help names every command and how to use it', async () => {
  const { code, out } = await call('--help');
  assert.equal(code, 0);
  for (const [name, { usage, summary }] of Object.entries(commands)) {
    assert.ok(`${usage} `.startsWith(`sparse ${name} `), usage);
    assert.ok(out.includes(usage) && out.includes(summary), name);
    const own = await call(name, '--help');
    assert.equal(own.code, 0);
    assert.ok(own.out.includes(usage), name);
  }
});

test('what cannot be understood is a failure that says so in one line, without a stack', async () => {
  const { spec } = makeTask();
  const wrong: [string[], RegExp][] = [
    [[], /sparse check FILE/],
    [['serach'], /no command serach/],
    [['constructor'], /no command constructor/],
    [['check'], /usage: sparse check/],
    [['check', spec, spec], /usage: sparse check/],
    [['check', spec, '--jsno'], /--jsno/],
    [['check', `${spec}.bak`], /no such file/],
    [['check', '/'], /not a file/],
    [['search'], /usage: sparse search/],
    [['search', spec, '--trials'], /--trials/],
    [['search', spec, '--trials', '0'], /--trials takes a whole number from 1/],
    [['search', spec, '--trials', '1.5'], /--trials takes a whole number/],
    [['search', spec, '--trials', 'many'], /--trials takes a whole number/],
    [['search', spec, '--trials', ''], /--trials takes a whole number/],
    [['search', spec, '--workers', '257'], /--workers takes a whole number from 1 to 256/],
    [['search', spec, '--seed', '-1'], /--seed/],
    [['search', spec, '--time', '5'], /--time takes a time such as/],
    [['search', spec, '--time', '0 s'], /--time takes a time/],
    [['search', spec, '--time', '5 parsecs'], /--time takes a time such as/],
    [['export'], /usage: sparse export/],
    [['export', '/no/such/run'], /not the folder of a run/],
    [['verify'], /usage: sparse verify/],
    [['verify', '/no/such/folder'], /sparse\.manifest\.json/],
    [['digits'], /usage: sparse digits/],
  ];
  for (const [args, message] of wrong) {
    const { code, out, err } = await call(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, message);
    assert.equal(out, '');
    assert.doesNotMatch(err, /\n +at /, args.join(' '));
  }
});

test('what the system refuses is told without a stack', async () => {
  const { put } = makeTask();
  const file = put('a file', '');
  const { code, err } = await call('digits', `${file}/data`);
  assert.equal(code, 2);
  assert.match(err, /^sparse digits: ENOTDIR: not a directory/);
  assert.doesNotMatch(err, /\n +at /);
});

test('the process ends with the exit code of the command', async (t) => {
  const { code, out, err } = await launch(t, 'check').ended;
  assert.equal(code, 2);
  assert.equal(out, '');
  assert.match(err, /usage: sparse check FILE/);
});

test('output that nobody reads any more is no failure', async (t) => {
  const child = launch(t, '--help');
  child.process.stdout!.destroy();
  const { code, err } = await child.ended;
  assert.deepEqual([code, err], [0, '']);
});

test('an engine that is not known or not installed is refused before anything is read', async () => {
  const task = makeTask();
  const unknown = await call('search', task.spec, '--engine', 'torch');
  assert.deepEqual([unknown.code, task.runs()], [2, []]);
  assert.match(unknown.err, /--engine takes auto, wasm, wasm-simd, wasm-relaxed, wasm-wide, tensorflow, not torch/);
  const absent = await call('search', task.spec, '--engine', 'tensorflow', '--tensorflow', task.folder);
  assert.deepEqual([absent.code, task.runs()], [2, []]);
  assert.match(absent.err, /TensorFlow is not installed[\s\S]*npm install --prefix/);
});

test('the variant that trains is recorded with the run', async () => {
  const task = makeTask();
  assert.equal((await call('search', task.spec, '--engine', 'wasm-simd', '--trials', '1', '--no-write')).code, 0);
  assert.equal(stateOf(readJournal(task.runs()[0]).records).header?.engine, 'wasm-simd');
});
