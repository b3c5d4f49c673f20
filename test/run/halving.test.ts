import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataSet, Samples } from '../../server/dataset/dataset.ts';
import { findChip } from '../../server/device/find.ts';
import type { Network } from '../../server/network/network.ts';
import { evaluate, type Task } from '../../server/run/evaluate.ts';
import { priceOf } from '../../server/run/price.ts';
import { measuresOf } from '../../server/run/task.ts';
import { createEngine } from '../../server/training/wasm.ts';

const network: Network = {
  input: { height: 4, width: 4, channels: 1 },
  layers: [
    { op: 'flatten', name: 'flat', inputs: ['input'] },
    { op: 'dense', name: 'logits', inputs: ['flat'], units: 2 },
  ],
};

/** Bright above or below. */
function halves(count: number): Samples {
  const x = Uint8Array.from({ length: count * 16 }, (_, i) => (((i >> 3) & 1) === ((i >> 4) & 1) ? 200 : 20));
  return { shape: network.input, count, x, labels: Uint8Array.from({ length: count }, (_, i) => i & 1) };
}

const data: DataSet = {
  name: 'halves',
  classes: ['above', 'below'],
  encoding: { zeroPoint: 110, deviation: 90 },
  train: halves(64),
  validation: halves(32),
  test: halves(2),
};
const device = findChip('atmega328p')!;
const price = priceOf(device, network);
const pruning = { structured: 0, unstructured: 0, from: 0.2, to: 0.7 };
const recipe = { epochs: 8, batch: 16, schedule: 'constant', learningRate: 0.01, weightDecay: 0, pruning } as const;

function train(peers: readonly (readonly number[])[]) {
  const rungs = [2, 4].map((epoch) => ({ epoch, peers }));
  const task: Task = { network, recipe, seed: 1, halving: { rungs, objectives: ['error', 'ram'], price } };
  const epochs: number[] = [];
  const evaluated = evaluate(createEngine(), data, device, task, { onEpoch: ({ epoch }) => void epochs.push(epoch) });
  assert.ok(!('unusable' in evaluated));
  return { evaluated, epochs };
}

const peersAt = (error: number, ramBytes: number) => Array.from({ length: 12 }, () => [error, ramBytes]);

test('a trial that is behind stops at its first rung, and is priced and measured as it is then', () => {
  const { evaluated, epochs } = train(peersAt(-1, 0));
  assert.deepEqual(epochs, [1, 2]);
  assert.equal(evaluated.epochs, 2);
  assert.equal(evaluated.rungs.length, 1);
  assert.deepEqual(measuresOf(evaluated), { floatAccuracy: evaluated.floatAccuracy, epochs: 2, rung1: evaluated.rungs[0], stopped: 1 });
  assert.ok(evaluated.accuracy >= 0);
});

test('a trial that is ahead in any objective is trained to its end, as without rungs', () => {
  const { evaluated, epochs } = train(peersAt(-1, 1e6));
  assert.equal(epochs.length, 8);
  assert.equal(evaluated.rungs.length, 2);
  const plain = evaluate(createEngine(), data, device, { network, recipe, seed: 1 });
  assert.ok(!('unusable' in plain));
  assert.deepEqual(evaluated.parameters, plain.parameters);
  assert.deepEqual(plain.rungs, []);
});
