import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower } from '../../server/network/stage.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

test('the chosen plan is the one of least RAM among all cuts, the most streamed of equals', () => {
  for (let seed = 0; seed < 150; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 20 });
    const stages = lower(network);
    const target = planTarget({ architecture: seed % 2 ? 'avr' : 'generic' });
    const plans = Array.from({ length: stages.length + 1 }, (_, i) =>
      planWith({ unit: 'row', streamed: stages.length - i }, network.input, stages, target),
    );
    const least = Math.min(...plans.map((plan) => plan.ramBytes));
    const expected = plans.find((plan) => plan.ramBytes === least);
    assert.deepEqual(choosePlan(network.input, stages, target), expected, `seed ${seed}`);
  }
});

test('a chip without a multiplier is planned more stack', () => {
  const { input, layers } = randomNetwork(createRandom(3));
  const stages = lower({ input, layers });
  const stack = (id: string) => choosePlan(input, stages, planTarget({ architecture: 'avr', id })).stackBytes;
  assert.ok(stack('attiny85') > stack('atmega328p'));
});
