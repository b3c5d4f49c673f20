import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePlan } from '../../server/plan/choose.ts';
import { withinFlash, withMostCode } from '../../server/plan/code.ts';
import { predictCycles } from '../../server/plan/cycles.ts';
import { predictFlash } from '../../server/plan/flash.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { randomQuantized } from '../support/networks.ts';

test('as much code is written as fits the flash, and makes the network no slower; where none fits all stays', () => {
  const target = planTarget({ architecture: 'avr' });
  let faster = 0;
  for (let seed = 0; seed < 120; seed++) {
    const { quantized } = randomQuantized(createRandom(300 + seed), { largest: 16 });
    const plan = choosePlan(quantized.input.shape, quantized.stages, target);
    const flash = predictFlash(plan, target, quantized);
    for (const budget of [flash - 1, flash, flash + 600, 32_000]) {
      const richer = withMostCode(plan, target, budget, quantized);
      if (richer === plan) continue;
      assert.ok(predictFlash(richer, target, quantized) <= budget, `seed ${seed}`);
      const [before, after] = [plan, richer].map((each) => predictCycles(each, target, quantized)!);
      assert.ok(after <= before, `seed ${seed}: ${after}, ${before} cycles`);
      if (after < before) faster++;
      assert.equal(richer.ramBytes, plan.ramBytes);
    }
  }
  assert.ok(faster > 5, `only ${faster} became faster`);
  const wide = planTarget({ architecture: 'generic' });
  const { quantized } = randomQuantized(createRandom(1));
  const plan = choosePlan(quantized.input.shape, quantized.stages, wide);
  assert.equal(withMostCode(plan, wide, 1e6, quantized), plan);
});

test('what is too large for the flash is stored in fewer bytes, in the same RAM; what fits is fast', () => {
  let saved = 0;
  for (const architecture of ['avr', 'cortex-m0plus', 'cortex-m4'] as const) {
    const target = planTarget({ architecture });
    for (let seed = 0; seed < 60; seed++) {
      const { quantized } = randomQuantized(createRandom(900 + seed), { largest: 16, narrow: seed % 2 === 0 }, [0, 0.4, 0.6][seed % 3]);
      const plan = choosePlan(quantized.input.shape, quantized.stages, target);
      const flash = predictFlash(plan, target, quantized);
      const small = withinFlash(plan, target, flash - 1, quantized);
      assert.equal(small.ramBytes, plan.ramBytes);
      if (small === plan) continue;
      assert.ok(predictFlash(small, target, quantized) < flash, `${architecture}, seed ${seed}`);
      saved++;
      assert.equal(withinFlash(plan, target, flash, quantized).leastFlash, undefined);
    }
  }
  assert.ok(saved > 60, `only ${saved} of 180`);
});
