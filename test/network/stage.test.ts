import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consumers } from '../../server/network/check.ts';
import { INPUT, type Network } from '../../server/network/network.ts';
import { lower } from '../../server/network/stage.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

test('every layer but flatten is in exactly one stage, and stages read stages before them', () => {
  for (let seed = 0; seed < 200; seed++) {
    const network = randomNetwork(createRandom(seed));
    const stages = lower(network);
    const merged = stages.flatMap((stage) => stage.layers).sort();
    const layers = network.layers.filter((layer) => layer.op !== 'flatten').map((layer) => layer.name);
    assert.deepEqual(merged, layers.sort(), `seed ${seed}`);
    stages.forEach((stage, i) => {
      for (const name of stage.inputs) assert.ok(name === INPUT || stages.slice(0, i).some((before) => before.name === name));
    });
  }
});

test('only what nothing else reads is fused away', () => {
  for (let seed = 0; seed < 200; seed++) {
    const network = randomNetwork(createRandom(seed));
    for (const { layers } of lower(network)) for (const name of layers.slice(0, -1)) assert.equal(consumers(network, name).length, 1);
  }
});

test('batch norm and ReLU are fused; a ReLU that shares its source stands alone; the last sums are raw', () => {
  const network: Network = {
    input: { height: 4, width: 4, channels: 1 },
    layers: [
      { name: 'a', op: 'conv2d', inputs: [INPUT], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'n', op: 'batchNorm', inputs: ['a'] },
      { name: 'r', op: 'relu', inputs: ['n'] },
      { name: 'b', op: 'conv2d', inputs: ['r'], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'q', op: 'relu', inputs: ['b'] },
      { name: 's', op: 'add', inputs: ['b', 'q'] },
      { name: 'g', op: 'globalAveragePool', inputs: ['s'] },
      { name: 'd', op: 'dense', inputs: ['g'], units: 3 },
    ],
  };
  const summary = lower(network).map(({ layers, op, relu, raw, batchNorm }) => [layers.join('+'), op, relu, raw, batchNorm]);
  assert.deepEqual(summary, [
    ['a+n+r', 'conv2d', true, false, 'n'],
    ['b', 'conv2d', false, false, undefined],
    ['q', 'relu', true, false, undefined],
    ['s', 'add', false, false, undefined],
    ['g', 'averagePool', false, false, undefined],
    ['d', 'dense', false, true, undefined],
  ]);
});

test('a clipped ReLU is fused where the layer has an encoding of its own, and else stands alone', () => {
  const layers = [
    { name: 'a', op: 'conv2d', inputs: [INPUT], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' },
    { name: 'p', op: 'relu', inputs: ['a'], max: 6 },
    { name: 'm', op: 'maxPool', inputs: ['p'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
    { name: 'q', op: 'relu', inputs: ['m'], max: 3 },
    { name: 'r', op: 'relu', inputs: ['q'], max: 4 },
    { name: 'd', op: 'dense', inputs: ['r'], units: 3 },
  ] as const;
  const summary = lower({ input: { height: 4, width: 4, channels: 1 }, layers }).map(({ layers, op, ceiling }) => [
    layers.join('+'),
    op,
    ceiling,
  ]);
  assert.deepEqual(summary, [
    ['a+p', 'conv2d', 6],
    ['m', 'maxPool', undefined],
    ['q+r', 'relu', 3],
    ['d', 'dense', undefined],
  ]);
});
