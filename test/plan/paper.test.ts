import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../../server/network/network.ts';
import { lower } from '../../server/network/stage.ts';
import { paperCost, survivorsOf } from '../../server/plan/paper.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork, randomParameters } from '../support/networks.ts';

/** Figure 1(a) of the paper, CIFAR10-binary: after the colour channels' maximum, 32x32x1. `filters` and `units` before or after pruning. */
const figure = (filters: number, units: number): Network => ({
  input: { height: 32, width: 32, channels: 1 },
  layers: [
    { name: 'conv', op: 'conv2d', inputs: ['input'], filters, kernel: [5, 5], stride: [1, 1], padding: 'valid' },
    { name: 'pool', op: 'maxPool', inputs: ['conv'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
    { name: 'branch', op: 'dense', inputs: ['pool'], units },
    { name: 'trunk', op: 'flatten', inputs: ['pool'] },
    { name: 'side', op: 'dense', inputs: ['trunk'], units: 1 },
    { name: 'joined', op: 'concat', inputs: ['branch', 'side'] },
    { name: 'head', op: 'dense', inputs: ['joined'], units: 2 },
  ],
});

test('Figure 1(a): size and working memory before pruning', () => {
  const stages = lower(figure(50, 41)).filter((stage) => stage.name === 'conv' || stage.name === 'branch' || stage.name === 'pool');
  const head = { ...lower(figure(50, 41))[5], name: 'head', inputShapes: [{ height: 1, width: 1, channels: 9841 }] };
  assert.equal(head.op, 'dense');
  assert.deepEqual(paperCost([...stages, head]), { size: 422825, wm1: 411641, wm2: 1024 + 28 * 28 * 50 });
});

test('Figure 1(a): size and working memory after pruning', () => {
  const cost = paperCost(lower(figure(50, 41)), {
    conv: { inputs: 1024, outputs: 28 * 28 * 11, parameters: 286 },
    branch: { inputs: 732, outputs: 0, parameters: 0 },
    side: { inputs: 0, outputs: 0, parameters: 0 },
    head: { inputs: 253, outputs: 2, parameters: 508 },
  });
  assert.deepEqual(cost, { size: 794, wm1: 1310, wm2: 9648 });
});

test('what survives is counted from the zeros: brute force over random sparse networks', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = createRandom(seed);
    const network = randomNetwork(random, { batchNorm: false });
    const parameters = randomParameters(network, random, random.next());
    const nonZeros = Object.values(parameters)
      .flatMap((tensors) => Object.values(tensors))
      .reduce((sum, values) => sum + values.filter((value) => value !== 0).length, 0);
    const stages = lower(network);
    const survivors = survivorsOf(stages, parameters);
    assert.equal(paperCost(stages, survivors).size, nonZeros, `seed ${seed}`);
    for (const stage of stages) {
      const survivor = survivors[stage.name];
      if (stage.op !== 'dense' || !survivor) continue;
      const { weight } = parameters[stage.name];
      const width = weight.length / stage.shape.channels;
      let read = 0;
      for (let i = 0; i < width; i++)
        if (Array.from({ length: stage.shape.channels }, (_, unit) => weight[unit * width + i]).some(Boolean)) read++;
      assert.equal(survivor.inputs, read);
    }
  }
});
