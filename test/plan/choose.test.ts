import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT, type Network } from '../../server/network/network.ts';
import { lower } from '../../server/network/stage.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import { ringDepths } from '../../server/plan/stream.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

const avr = planTarget({ architecture: 'avr' });

test('a global pool takes rows as they appear: the map before it is never whole', () => {
  const network: Network = {
    input: { height: 28, width: 28, channels: 1 },
    layers: [
      { name: 'conv', op: 'conv2d', inputs: [INPUT], filters: 24, kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'pool', op: 'globalAveragePool', inputs: ['conv'] },
      { name: 'dense', op: 'dense', inputs: ['pool'], units: 10 },
    ],
  };
  const plan = choosePlan(network.input, lower(network), avr);
  // 3 input rows, 1 row of the map, its 24 sums and means, 10 logits, 4 counters.
  assert.ok(plan.stateBytes <= 3 * 28 + 28 * 24 + 24 * 4 + 24 + 40 + 8, `${plan.stateBytes} B`);
});

test('no other number of streamed stages needs less RAM', () => {
  for (let seed = 0; seed < 100; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 24 });
    const stages = lower(network);
    const depths = ringDepths(network.input, stages);
    const all = [...stages.keys(), stages.length].map((streamed) => planWith(streamed, network.input, stages, depths, avr).ramBytes);
    assert.equal(choosePlan(network.input, stages, avr).ramBytes, Math.min(...all));
  }
});

test('what is alive at once never exceeds the state, and the peak is where most is alive', () => {
  for (let seed = 0; seed < 100; seed++) {
    const network = randomNetwork(createRandom(500 + seed));
    const plan = choosePlan(network.input, lower(network), avr);
    const live = plan.stages.map(({ liveBytes }) => liveBytes);
    assert.ok(Math.max(...live) <= plan.stateBytes);
    assert.equal(plan.stages.find(({ stage }) => stage.name === plan.peak)!.liveBytes, Math.max(...live));
  }
});
