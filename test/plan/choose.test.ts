import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower, type Stage, weightCount } from '../../server/network/stage.ts';
import { leastRam } from '../../server/plan/bounds.ts';
import { AS_FAST, choosePlan, type Goal, planWith } from '../../server/plan/choose.ts';
import { FEWEST_IN_CODE } from '../../server/plan/code.ts';
import { flashBytes } from '../../server/plan/flash.ts';
import { depthsOf } from '../../server/plan/layout.ts';
import type { Cut, Plan, PlanTarget } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

type Priced = { readonly plan: Plan; readonly cycles: number; readonly flash: number };

/** Every plan there is, the most streamed first, rows before pixels. */
function everyPlan(network: ReturnType<typeof randomNetwork>, stages: readonly Stage[], target: PlanTarget): Priced[] {
  const cuts: Cut[] = [];
  for (let streamed = stages.length; streamed >= 0; streamed--) cuts.push({ unit: 'row', streamed });
  if (network.input.width > 1) for (let streamed = stages.length; streamed > 0; streamed--) cuts.push({ unit: 'pixel', streamed });
  return cuts.map((cut) => {
    const plan = planWith(cut, network.input, stages, target);
    const cycles = target.cycles?.(network.input, stages, cut.streamed, weightCount, cut.unit) ?? (cut.unit === 'row' ? 1 : 2);
    return { plan, cycles: Math.round(cycles * 1e6) / 1e6, flash: flashBytes(stages, { ...cut, leastFlash: true }, target, weightCount) };
  });
}

const smallest = (plans: readonly Priced[]): Plan | undefined => {
  const least = Math.min(...plans.map(({ plan }) => plan.ramBytes));
  return plans.find(({ plan }) => plan.ramBytes === least)?.plan;
};

const inFewBytes = (plan: Plan | undefined): Plan | undefined =>
  plan && { ...plan, leastFlash: true, ...(plan.machine && { machine: { ...plan.machine, mostInCode: FEWEST_IN_CODE.avr } }) };

const expectations: { readonly [objective in Exclude<Goal['objective'], 'ram'>]: (plans: readonly Priced[]) => Plan | undefined } = {
  cycles: (plans) => smallest(plans.filter(({ cycles }) => cycles <= AS_FAST * Math.min(...plans.map((each) => each.cycles)))),
  flash: (plans) => inFewBytes(smallest(plans.filter(({ flash }) => flash === Math.min(...plans.map((each) => each.flash))))),
};

test('the chosen plan is the best of all cuts under every goal and budget: brute force', () => {
  let tight = 0;
  for (let seed = 0; seed < 120; seed++) {
    const random = createRandom(seed);
    const network = randomNetwork(random, { largest: 20 });
    const stages = lower(network);
    const target = planTarget({ architecture: seed % 2 ? 'avr' : 'generic' });
    const plans = everyPlan(network, stages, target);
    const lean = everyPlan(network, stages, target.lean ?? target);
    const sizes = plans.map(({ plan }) => plan.ramBytes).sort((a, b) => a - b);
    const budgets = [undefined, sizes[0] - 1, sizes[0], sizes[random.integer(sizes.length)]];
    for (const objective of ['cycles', 'ram', 'flash'] as const)
      for (const ramBytes of budgets) {
        const within = plans.filter(({ plan }) => plan.ramBytes <= (ramBytes ?? Number.POSITIVE_INFINITY));
        if (within.length < plans.length) tight++;
        const expected = (objective !== 'ram' && expectations[objective](within)) || smallest(lean);
        assert.deepEqual(
          choosePlan(network.input, stages, target, { objective, ramBytes }),
          expected,
          `seed ${seed}, ${objective}, ${ramBytes}`,
        );
      }
  }
  assert.ok(tight > 300, 'budgets that leave plans out');
});

test('no cut takes less than its bound, and most take no more', () => {
  let met = 0;
  let all = 0;
  for (let seed = 0; seed < 150; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 20 });
    const stages = lower(network);
    const target = planTarget({ architecture: seed % 2 ? 'avr' : 'generic' });
    for (const unit of ['row', 'pixel'] as const) {
      const bounds = leastRam(unit, network.input, stages, depthsOf(unit, network.input, stages), target);
      for (let streamed = unit === 'row' ? 0 : 1; streamed <= stages.length; streamed++) {
        const { ramBytes } = planWith({ unit, streamed }, network.input, stages, target);
        assert.ok(bounds[streamed] <= ramBytes, `seed ${seed}, ${streamed} by ${unit}: ${bounds[streamed]} > ${ramBytes}`);
        all++;
        if (bounds[streamed] >= ramBytes - 3 - stages.length) met++;
      }
    }
  }
  assert.ok(met > 0.85 * all, `${met} of ${all}`);
});

test('without a goal the plan is fast: rows where they fit, and pixels only for a budget that rows do not keep', () => {
  for (let seed = 0; seed < 40; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 20, series: false });
    const stages = lower(network);
    const target = planTarget({ architecture: 'generic' });
    assert.equal(choosePlan(network.input, stages, target).unit, 'row');
    const least = choosePlan(network.input, stages, target, { objective: 'ram' });
    const within = choosePlan(network.input, stages, target, { objective: 'cycles', ramBytes: least.ramBytes });
    assert.equal(within.ramBytes, least.ramBytes);
  }
});

test('a chip without a multiplier is planned more stack', () => {
  const { input, layers } = randomNetwork(createRandom(3));
  const stages = lower({ input, layers });
  const stack = (id: string) => choosePlan(input, stages, planTarget({ architecture: 'avr', id })).stackBytes;
  assert.ok(stack('attiny85') > stack('atmega328p'));
});
