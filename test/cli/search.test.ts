import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MANIFEST, readManifest, sha256 } from '../../server/firmware/write.ts';
import { readCandidate } from '../../server/run/candidate.ts';
import { exportCandidate } from '../../server/run/export.ts';
import { readJournal } from '../../server/run/journal.ts';
import { stateOf } from '../../server/run/state.ts';
import { isFinished } from '../../server/search/trial.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { call, lastLine } from './call.ts';
import { byHand, makeTask, type Task } from './task.ts';

const OUT = 'firmware/lib/tiny';
const stateIn = (task: Task, run = task.runs().at(-1)!) => stateOf(readJournal(run).records);
/** What was written for the firmware, without the manifest. */
const firmware = (task: Task) =>
  Object.fromEntries(Object.entries(task.files()).filter(([path]) => path.startsWith(OUT) && !path.endsWith(MANIFEST)));

test('a search ends with the front, the chosen candidate layer by layer, and its C', async () => {
  const task = makeTask();
  const { code, out, err } = await call('search', task.spec);
  assert.equal(code, 0, err);
  assert.equal(task.runs().length, 1);
  const [run] = task.runs();
  const state = stateIn(task);
  assert.equal(state.status, 'finished');
  assert.equal(state.trials.length, 4);
  assert.deepEqual(state.oddities, []);

  const front = out.slice(out.indexOf('The front'), out.indexOf('\nTrial '));
  const rows = front.match(/^\d+ .*$/gm) ?? [];
  assert.equal(rows.length, state.front.length);
  for (const trial of state.front) {
    const row = rows.find((each) => Number.parseInt(each, 10) === trial.id)!;
    assert.ok(row.includes(`${trial.price.ramBytes.toLocaleString('en-US')} B`), row);
    assert.equal(/^\d+ \*/.test(row), trial.id === state.chosen);
  }
  const candidate = readCandidate(run, state.chosen!);
  const { plan, files } = exportCandidate(parseSpec(task.read('tiny.sparse.yaml')).spec!, candidate);
  const layers = out.slice(out.indexOf(`Trial ${state.chosen}, layer by layer`));
  for (const { stage } of plan.stages) assert.ok(layers.includes(stage.layers.join(' + ')), stage.name);
  assert.match(layers, new RegExp(`= ${plan.ramBytes} B of RAM`));

  assert.deepEqual(firmware(task), Object.fromEntries(files.map(({ path, content }) => [`${OUT}/${path}`, content]).sort()));
  for (const { path } of files) assert.match(out, new RegExp(`^ {2}${path} \\(new\\)$`, 'm'));
  const manifest = readManifest(join(task.folder, OUT))!;
  assert.deepEqual(manifest.files, Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)])));
  assert.equal(manifest.spec, '../../../tiny.sparse.yaml');
  assert.equal(manifest.testAccuracy, state.measures?.testAccuracy);
  assert.equal(candidate.testAccuracy, state.measures?.testAccuracy);

  const trained = state.trials.filter(isFinished).map(({ id }) => join(run, 'candidates', `${id}.json`));
  assert.ok(trained.length > 0 && trained.every(existsSync));
  assert.ok(!existsSync(join(run, 'lock')));
});

test('--json tells the same on the last line, and nothing else', async () => {
  const task = makeTask();
  const ended = await call('search', task.spec, '--json', '--trials', '2', '--workers', '2');
  assert.deepEqual([ended.code, ended.err], [0, '']);
  assert.equal(ended.out.split('\n').length, 2);
  const told = lastLine<Record<string, unknown>>(ended);
  const state = stateIn(task);
  const { name, ramBytes, candidate, testAccuracy } = readManifest(join(task.folder, OUT))!;
  assert.deepEqual(
    { run: told.run, status: told.status, trials: told.trials, written: told.written, into: told.into, foreign: told.foreign },
    { run: task.runs()[0], status: 'finished', trials: 2, written: true, into: join(task.folder, OUT), foreign: [] },
  );
  assert.deepEqual([told.name, told.ramBytes, told.candidate, told.testAccuracy], [name, ramBytes, candidate, testAccuracy]);
  assert.equal(told.candidate, state.chosen);
  assert.deepEqual([state.header?.workers, state.header?.trials], [2, 2]);
});

test('--time ends a search that has trials left; what was in training is kept', async () => {
  const task = makeTask();
  const { code, out } = await call('search', task.spec, '--trials', '100000', '--time', '0.5 s', '--workers', '2');
  const state = stateIn(task);
  assert.equal(code, 0);
  assert.equal(state.reason, 'the time is up');
  assert.equal(state.header?.timeMs, 500);
  assert.deepEqual(state.pending, []);
  assert.ok(state.trials.length >= 1 && state.trials.length < 1000);
  assert.match(out, /the time is up/);
});

test('one worker and one seed: the same trials, the same C, byte by byte; another seed is another search', async () => {
  const genotypes = (task: Task) => stateIn(task).trials.map(({ genotype }) => genotype);
  const [one, same, other] = [makeTask(), makeTask(), makeTask()];
  for (const task of [one, same]) assert.equal((await call('search', task.spec)).code, 0);
  assert.equal((await call('search', other.spec, '--seed', '4')).code, 0);
  assert.deepEqual(genotypes(one), genotypes(same));
  assert.equal(stateIn(one).chosen, stateIn(same).chosen);
  assert.deepEqual(firmware(one), firmware(same));
  assert.notDeepEqual(genotypes(one), genotypes(other));
  assert.equal(stateIn(other).header?.seed, 4);
});

test('a network written by hand is trained as it is, once, and exported', async () => {
  const task = makeTask(byHand('[maxPool: 2, conv2d: { filters: 3, kernel: 3, stride: 2 }, relu, dense: 10]'));
  const { code, err } = await call('search', task.spec, '--trials', '7');
  assert.equal(code, 0, err);
  const state = stateIn(task);
  assert.deepEqual([state.header?.strategy, state.header?.trials, state.trials.length, state.chosen], ['given', 1, 1, 0]);
  assert.deepEqual(state.trials[0].network, parseSpec(task.read('tiny.sparse.yaml')).spec!.network);
  assert.match(task.read(`${OUT}/tiny.c`), /conv2d, 3x3 stride 2, 14x14x1 -> 6x6x3/);
});

test('where nothing can fit there is no search, and what is missing is told', async () => {
  const task = makeTask({ target: '{ ram: 40 B, flash: 4 KB }' });
  const { code, out, err } = await call('search', task.spec);
  assert.deepEqual([code, out], [1, '']);
  assert.match(
    err,
    /error: search\.space: no network of this search can fit: the smallest takes \d+ B of ram, \d+ B more than the 40 B allowed/,
  );
  assert.ok(!existsSync(join(task.folder, '.sparse')));
});

test('where nothing is found that fits no network is trained, and the nearest is told', async () => {
  const task = makeTask({ target: '{ ram: 110 B, flash: 4 KB }' });
  const { code, out, err } = await call('search', task.spec);
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /warning: search\.space: no network of this search was found that fits: the smallest takes \d+ B of ram/);
  assert.match(
    err,
    /Nothing to write: no network of this space is within the limits: the closest has ram [\d,]+, [\d,]+ more than the 110 allowed/,
  );
  const state = stateIn(task);
  assert.deepEqual([state.status, state.trials, state.chosen], ['finished', [], undefined]);
  assert.ok(state.refused > 0);
  assert.ok(!existsSync(join(task.folder, 'firmware')));
});

test('a space of few networks is searched to its end', async () => {
  const space =
    '{ downsample: 4, blocks: 1, layers: 1, ops: [conv2d], filters: [4, 5], kernel: 3, stride: 2, padding: [valid], batchNorm: false, pool: 1, poolTypes: [max], residual: false, branches: 0, heads: [flatten], dense: 0, learningRate: 0.01, weightDecay: 0 }';
  const task = makeTask({ search: `{ trials: 20, workers: 2, space: ${space} }`, pruning: '{ structured: 0, unstructured: 0 }' });
  const { code, out } = await call('search', task.spec);
  assert.equal(code, 0);
  const { trials, reason } = stateIn(task);
  assert.deepEqual(
    trials
      .map(({ network }) => network.layers.find(({ op }) => op === 'conv2d'))
      .map((conv) => (conv as { filters: number }).filters)
      .sort(),
    [4, 5],
  );
  assert.equal(reason, 'every network of this space that fits was tried');
  assert.match(out, /every network of this space that fits was tried/);
});

test('--no-write leaves the firmware alone, and says how to write it', async () => {
  const task = makeTask();
  const { code, out, err } = await call('search', task.spec, '--no-write');
  assert.equal(code, 0, err);
  assert.deepEqual(firmware(task), {});
  assert.match(out, /The front/);
  const [, run] = /Write it: sparse export (\S+)/.exec(out) ?? assert.fail(out);
  assert.equal((await call('export', run)).code, 0);
  assert.ok(Object.keys(firmware(task)).length > 0);
});
