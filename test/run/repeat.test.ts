import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataSet, Samples } from '../../server/dataset/dataset.ts';
import type { Task } from '../../server/run/evaluate.ts';
import { repeat } from '../../server/run/repeat.ts';
import type { Workers } from '../../server/run/search.ts';
import { decode } from '../../server/search/decode.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { someGenotype, trialOf } from '../search/trials.ts';

const { spec } = parseSpec(
  'name: a\ndata: { train: { samples: x.npy, labels: y.npy } }\ntarget: { chip: atmega328p }\ntraining: { epochs: 6, finalEpochs: 9, batch: 16 }\n',
);
const samples: Samples = { shape: { height: 8, width: 8, channels: 1 }, count: 0, x: new Uint8Array(), labels: new Uint8Array() };
const data: DataSet = {
  name: 'a',
  classes: ['a', 'b'],
  encoding: { zeroPoint: 0, deviation: 1 },
  train: samples,
  validation: samples,
  test: samples,
};
const chosen = trialOf({ id: 3, accuracy: 0.99, ramBytes: 100 });

/** Trainings that come to the given accuracies, one after the other; undefined is one that comes to nothing. */
function poolOf(accuracies: (number | undefined)[]) {
  const tasks: Task[] = [];
  const run = async (task: Task) => {
    const accuracy = accuracies[tasks.push(task) - 1];
    return accuracy === undefined ? { unusable: 'training diverged' } : { accuracy };
  };
  return { tasks, pool: { run } as unknown as Pick<Workers, 'run'> };
}

const run = { spec: spec!, data, signal: new AbortController().signal };

test('mean and deviation are those of trainings from other seeds, in full, from the start', async () => {
  const { tasks, pool } = poolOf([0.8, 0.9, 0.7, 0.84]);
  const measures = await repeat(run, pool, chosen, 4);
  assert.equal(measures.repeats, 4);
  assert.ok(Math.abs(measures.repeatedAccuracy - 0.81) < 1e-12);
  assert.ok(Math.abs(measures.repeatedDeviation - Math.sqrt((0.01 ** 2 + 0.09 ** 2 + 0.11 ** 2 + 0.03 ** 2) / 3)) < 1e-12);
  assert.equal(new Set(tasks.map(({ seed }) => seed)).size, 4);
  for (const { network, recipe, parameters, halving } of tasks) {
    assert.deepEqual(network, decode(someGenotype.architecture, samples.shape, 2));
    assert.deepEqual([recipe.epochs, parameters, halving], [9, undefined, undefined]);
    assert.equal(recipe.pruning.unstructured, someGenotype.pruning.unstructured);
  }
  const again = poolOf([0.1, 0.1, 0.1, 0.1]);
  await repeat(run, again.pool, chosen, 4);
  assert.deepEqual(
    again.tasks.map(({ seed }) => seed),
    tasks.map(({ seed }) => seed),
  );
});

test('trainings that come to nothing are counted; of one there is no deviation, of none no mean', async () => {
  assert.deepEqual(await repeat(run, poolOf([undefined, 0.5]).pool, chosen, 2), { repeats: 1, repeatsFailed: 1, repeatedAccuracy: 0.5 });
  const broken = { run: () => Promise.reject(new Error('a worker ended')) } as unknown as Pick<Workers, 'run'>;
  assert.deepEqual(await repeat(run, broken, chosen, 2), { repeats: 0, repeatsFailed: 2 });
  assert.deepEqual(await repeat(run, poolOf([undefined]).pool, chosen, 1), { repeats: 0, repeatsFailed: 1 });
});
