import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { DataSet, Samples } from '../../server/dataset/dataset.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { readCandidate } from '../../server/run/candidate.ts';
import { beginJournal, readJournal } from '../../server/run/journal.ts';
import { isHolder } from '../../server/run/lock.ts';
import { runSearch, type SearchRun } from '../../server/run/search.ts';
import { limitsOf } from '../../server/run/setting.ts';
import { reduce, stateOf, unstarted } from '../../server/run/state.ts';
import { choose, finalistsOf, standardError } from '../../server/search/choose.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { header } from './records.ts';

const root = mkdtempSync(join(tmpdir(), 'sparse-search-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const text = `name: bars
data: { train: { samples: x.npy, labels: y.npy } }
target: { chip: atmega328p }
search: { trials: 40, workers: 2, space: { blocks: 1, layers: 1, filters: [1, 6], branches: 0, dense: 0 } }
training: { epochs: 1, finalEpochs: 2, batch: 16 }
`;
const { spec } = parseSpec(text);

/** Bright bars, upright or level, on noise. */
function bars(count: number): Samples {
  const x = new Uint8Array(new SharedArrayBuffer(count * 64));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  for (let i = 0; i < count; i++) {
    labels[i] = i % 2;
    for (let j = 0; j < 64; j++) x[i * 64 + j] = ((i * 7 + j * 13) % 50) + ((labels[i] ? j % 8 : j >> 3) === i % 8 ? 200 : 0);
  }
  return { shape: { height: 8, width: 8, channels: 1 }, count, x, labels };
}

const data: DataSet = {
  name: 'bars',
  classes: ['level', 'upright'],
  encoding: { zeroPoint: 50, deviation: 60 },
  train: bars(64),
  validation: bars(32),
  test: bars(32),
};

function begin(name: string, changes: Partial<SearchRun> = {}): SearchRun {
  const folder = join(root, name);
  const begun = { ...header, atMs: Date.now(), limits: limitsOf(spec!), objectives: [...spec!.objectives] };
  const writer = beginJournal(folder, begun, 'close');
  assert.ok(!isHolder(writer));
  return {
    ...{ spec: spec!, data, folder, writer, state: reduce(unstarted, begun), workers: 2, trials: 3, now: Date.now },
    trainer: new URL('../../server/run/trainer.ts', import.meta.url),
    engine: { name: 'auto' },
    signal: new AbortController().signal,
    ...changes,
  };
}

test('what the journal says is what the search returns', async () => {
  const run = begin('sound');
  const told: string[] = [];
  const ended = await runSearch({
    ...run,
    onState: ({ status, trials, pending }) => told.push(`${status} ${trials.length} ${pending.length}`),
  });
  run.writer.close();
  assert.equal(ended.status, 'finished', ended.reason);
  assert.deepEqual(stateOf(readJournal(run.folder).records), ended);
  assert.equal(told.at(-1), 'finished 3 0');
  assert.ok(told.includes('running 0 2'), 'two at a time');
  assert.equal(ended.trials.length, 3);
});

test('bits of weights are searched layer by layer, and trained so', async () => {
  const { spec: narrow, problems } = parseSpec(text.replace('space: {', 'space: { bits: [4, ternary],'));
  assert.ok(narrow, JSON.stringify(problems));
  const run = begin('bits', { spec: narrow, trials: 6 });
  const ended = await runSearch(run);
  run.writer.close();
  assert.deepEqual([ended.status, ended.trials.length, ended.failed], ['finished', 6, 0], ended.reason);
  const bits = ended.trials.map(({ network }) => network.layers.flatMap((layer) => ('bits' in layer ? [layer.bits] : [])));
  assert.ok(bits.every((each) => each.length >= 2 && each.every((of) => of === 4 || of === 'ternary')));
  assert.equal(new Set(bits.flat()).size, 2);
  const { parameters, network, encoding, ranges } = readCandidate(run.folder, ended.chosen!);
  for (const stage of quantize(network, parameters, encoding, ranges).stages)
    for (const weight of stage.weights?.weight ?? []) assert.ok(stage.bits === 4 ? Math.abs(weight) <= 8 : Math.abs(weight) <= 1);
  assert.deepEqual(stateOf(readJournal(run.folder).records), ended);
});

test('a trainer that cannot be loaded ends the search soon, and the reason is told', async () => {
  const run = begin('no trainer', { trainer: pathToFileURL(join(root, 'nowhere.ts')), trials: 1000 });
  const ended = await runSearch(run);
  run.writer.close();
  assert.equal(ended.status, 'failed');
  assert.match(ended.reason!, /^\d+ trainings in a row ended in an error, the last because .*nowhere\.ts/);
  assert.equal(ended.trials.length, ended.failed);
  assert.ok(ended.failed < 12);
});

test('trainings that diverge are failed trials, and do not end a search', async () => {
  const from = (path: string) => JSON.stringify(new URL(`../../server/${path}`, import.meta.url));
  const trainer = join(root, 'sometimes.ts');
  writeFileSync(
    trainer,
    `import { evaluate } from ${from('run/evaluate.ts')};
import { poolData, serveTasks } from ${from('run/worker.ts')};
import { createEngine } from ${from('training/wasm.ts')};
const { data, device } = poolData();
serveTasks((task) => {
  if (task.network.layers[0].name.length % 2) return { unusable: 'training diverged' };
  return evaluate(createEngine(), data, device, task);
});
`,
  );
  const run = begin('sometimes', { trainer: pathToFileURL(trainer), trials: 16 });
  const ended = await runSearch(run);
  run.writer.close();
  assert.deepEqual([ended.status, ended.trials.length, ended.reason], ['finished', 16, 'all trials are done']);
  assert.ok(ended.failed > 0 && ended.failed < 16, `${ended.failed} failed`);
  for (const trial of ended.trials) assert.equal(trial.status, trial.network.layers[0].name.length % 2 ? 'failed' : 'finished');
  assert.notEqual(ended.chosen, undefined);
});

test('the best few are trained on, the choice falls on validation once more, and only the chosen is tested', async () => {
  const from = (path: string) => JSON.stringify(new URL(`../../server/${path}`, import.meta.url));
  const trainer = join(root, 'finals.ts');
  // Trained on, a network comes to the better the more layers it has, whatever it was before.
  writeFileSync(
    trainer,
    `import { evaluate } from ${from('run/evaluate.ts')};
import { poolData, serveTasks } from ${from('run/worker.ts')};
import { createEngine } from ${from('training/wasm.ts')};
const { data, device } = poolData();
serveTasks((task) => {
  const evaluated = evaluate(createEngine(), data, device, task);
  const final = task.parameters && task.recipe.quantization;
  return final ? { ...evaluated, accuracy: 1 + task.network.layers.length / 1000 - 0.1 } : { ...evaluated, accuracy: Math.min(evaluated.accuracy, 0.85) };
});
`,
  );
  const run = begin('finals', { trainer: pathToFileURL(trainer), trials: 8 });
  const ended = await runSearch(run);
  run.writer.close();
  assert.equal(ended.status, 'finished', ended.reason);
  const candidates = ended.trials.map(({ id }) => readCandidate(run.folder, id));
  assert.deepEqual(
    candidates.filter(({ testAccuracy }) => testAccuracy !== undefined).map(({ id }) => id),
    [ended.chosen],
  );
  const tolerance = standardError(ended.bestAccuracy!, data.validation.count) / 2;
  const finalists = finalistsOf(ended.trials, limitsOf(spec!), tolerance, 3);
  assert.equal(finalists.length, 3);
  const onceMore = finalists.map((trial) => ({ ...trial, accuracy: 1 + trial.network.layers.length / 1000 - 0.1 }));
  assert.equal(ended.chosen, choose(onceMore, limitsOf(spec!), tolerance)!.id);
  assert.equal(ended.measures!.validationAccuracy, onceMore.find(({ id }) => id === ended.chosen)!.accuracy);
});

test('a finished run goes on with more trials, and what it tested before is not tested again', async () => {
  const run = begin('extended', { trials: 4 });
  const first = await runSearch(run);
  const resumed = { type: 'resumed', atMs: Date.now(), engine: header.engine, versions: {}, workers: 2, trials: 7 } as const;
  run.writer.append(resumed);
  const ended = await runSearch({ ...run, state: reduce(first, resumed), trials: 7 });
  run.writer.close();
  assert.deepEqual([first.trials.length, ended.trials.length, ended.status], [4, 7, 'finished']);
  assert.deepEqual(ended.trials.slice(0, 4), first.trials);
  const tested = ended.trials.filter(({ id }) => readCandidate(run.folder, id).testAccuracy !== undefined).map(({ id }) => id);
  assert.deepEqual(new Set(tested), new Set([first.chosen, ended.chosen]));
  assert.deepEqual(stateOf(readJournal(run.folder).records), ended);
});

test('where every training diverges the search says so', async () => {
  const trainer = join(root, 'never.ts');
  const worker = JSON.stringify(new URL('../../server/run/worker.ts', import.meta.url));
  writeFileSync(trainer, `import { serveTasks } from ${worker};\nserveTasks(() => ({ unusable: 'training diverged' }));\n`);
  const run = begin('never', { trainer: pathToFileURL(trainer), trials: 10 });
  const ended = await runSearch(run);
  run.writer.close();
  assert.deepEqual([ended.status, ended.failed, ended.chosen], ['finished', 10, undefined]);
  assert.equal(ended.reason, 'all trials are done; no training succeeded, the last because training diverged');
});

test('a journal that cannot be written to is an error of the system, after which nothing is left running', async () => {
  const run = begin('full disk', { timeMs: 3_600_000 });
  let records = 0;
  const writer = {
    ...run.writer,
    append() {
      if (++records > 2) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    },
  };
  await assert.rejects(runSearch({ ...run, writer }), { code: 'ENOSPC' });
  run.writer.close();
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((each) => each === 'Timeout' || each === 'Worker'),
    [],
  );
});
