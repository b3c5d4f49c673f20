import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT, type Layer, type Network } from '../../server/network/network.ts';
import { planWith } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { randomlyQuantized } from '../support/networks.ts';
import { assertProven } from '../support/proven.ts';

const target = planTarget({ architecture: 'avr' });

/** Many layers, a chain but for residuals. */
function deep(random: Random, count: number): Network {
  const layers: Layer[] = [];
  let from = INPUT;
  for (let i = 0; i < count; i++) {
    const [name, inputs] = [`l${i}`, [from]];
    const same = { name, inputs, kernel: [3, 2], stride: [1, 1], padding: 'same' } as const;
    const kinds: Layer[] = [
      { ...same, op: 'conv2d', filters: 2 },
      { ...same, op: 'depthwise' },
      { ...same, op: 'conv2d', filters: 2, kernel: [1, 1] },
      { ...same, op: 'maxPool' },
    ];
    const residual: Layer = { name, op: 'add', inputs: [from, `l${i - 3}`] };
    layers.push(i > 3 && i % 5 === 0 ? residual : i === 0 ? kinds[0] : kinds[random.integer(kinds.length)]);
    from = name;
  }
  layers.push({ name: 'logits', op: 'dense', inputs: [from], units: 3 });
  return { input: { height: 7, width: 4, channels: 1 }, layers };
}

test('networks of many stages are machine code too, whose counters lie farther than an instruction reaches', () => {
  for (let seed = 0; seed < 4; seed++) {
    const random = createRandom(seed);
    const { quantized } = randomlyQuantized(deep(random, 20 + 10 * seed), random);
    for (const unit of ['row', 'pixel'] as const) {
      const plan = planWith({ unit, streamed: quantized.stages.length }, quantized.input.shape, quantized.stages, target);
      assert.ok(plan.machine);
      assert.ok(plan.stateBytes < 1800);
      const { ratio } = assertProven(quantized, plan, `seed ${seed} by ${unit}`);
      assert.ok(Math.abs(ratio - 1) < 0.05, `${ratio} of the cycles`);
    }
  }
});

test('running results of a wide pool may lie between the counters', () => {
  const random = createRandom(3);
  const network: Network = {
    input: { height: 6, width: 190, channels: 1 },
    layers: [
      { name: 'conv', op: 'conv2d', inputs: [INPUT], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'valid' },
      { name: 'pool', op: 'maxPool', inputs: ['conv'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
      { name: 'logits', op: 'dense', inputs: ['pool'], units: 3 },
    ],
  };
  const { quantized } = randomlyQuantized(network, random);
  const plan = planWith({ unit: 'pixel', streamed: 3 }, network.input, quantized.stages, target);
  assertProven(quantized, plan, 'a wide pool');
});
