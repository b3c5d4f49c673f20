import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower } from '../../server/network/stage.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { withMostCode } from '../../server/plan/code.ts';
import { predictFlash } from '../../server/plan/flash.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { exportCandidate } from '../../server/run/export.ts';
import { priceBeforeTraining, priceNetwork, priceOf } from '../../server/run/price.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { calibrate, randomNetwork, randomParameters } from '../support/networks.ts';

const specOf = (prefer: string, flash = '11 KB') =>
  parseSpec(`name: points
data:
  format: csv
  train: { samples: points.csv }
  shape: [8, 8, 1]
target:
  chip: atmega328p${prefer && `\n  prefer: ${prefer}`}
  reserve: { flash: 20 KB }
limits: { flash: ${flash} }
`);

test('where a spec prefers speed, search, editor and C spend the flash that is left alike, and else none do', () => {
  let spent = 0;
  for (let seed = 0; seed < 140; seed++) {
    const random = createRandom(seed);
    const network = randomNetwork(random, { largest: 16, batchNorm: false });
    const parameters = randomParameters(network, random, seed % 2 ? 0.6 : 0);
    const encoding = { zeroPoint: 100, deviation: 50 };
    const ranges = calibrate(network, parameters, encoding, random);
    const candidate = { id: 0, network, parameters, encoding, ranges, classes: ['a'], accuracy: 1 };
    const under = (prefer: string) => {
      const { spec, problems } = specOf(prefer);
      assert.ok(spec, JSON.stringify(problems));
      const { device } = spec.target;
      const exported = exportCandidate(spec, candidate);
      const before = priceBeforeTraining(device, network, { structured: 0, unstructured: 0 });
      assert.deepEqual(priceNetwork(network, device).flashBytes, before.flashBytes, `seed ${seed}`);
      return { device, before, after: priceOf(device, network, parameters), exported };
    };
    const [plain, fast] = [under(''), under('speed')];
    const target = planTarget(fast.device);
    const stages = lower(network);
    const richest = withMostCode(choosePlan(network.input, stages, target, { objective: 'cycles', ramBytes: 2048 }), target, 11 * 1024);
    assert.equal(fast.before.flashBytes, predictFlash(richest, target));
    if (plain.before.flashBytes <= 11 * 1024) assert.equal(plain.exported.plan.leastFlash, undefined);
    for (const each of ['before', 'after'] as const) {
      assert.equal(fast[each].ramBytes, plain[each].ramBytes);
      assert.ok(fast[each].cycles! <= plain[each].cycles!);
      assert.ok(fast[each].flashBytes <= Math.max(11 * 1024, plain[each].flashBytes));
    }
    assert.ok(fast.exported.flashBytes <= Math.max(11 * 1024, plain.exported.flashBytes));
    spent += Number(fast.before.flashBytes > plain.before.flashBytes);
  }
  assert.ok(spent > 5, `${spent} became faster`);
});

test('where the fast plan is too large for the flash, its weights lie in few bytes: before training, after it and in the C', () => {
  let smaller = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = createRandom(seed);
    const network = randomNetwork(random, { largest: 16, batchNorm: false });
    const { spec: wide } = specOf('');
    const { spec: tight } = specOf('', '2 KB');
    const [before, after] = [wide!, tight!].map(({ target }) =>
      priceBeforeTraining(target.device, network, { structured: 0, unstructured: 0.5 }),
    );
    assert.ok(after!.flashBytes <= before!.flashBytes, `seed ${seed}`);
    assert.equal(after!.ramBytes, before!.ramBytes);
    if (before!.flashBytes <= 2048) assert.deepEqual(after, before);
    smaller += Number(after!.flashBytes < before!.flashBytes);
  }
  assert.ok(smaller > 20, `${smaller} became smaller`);
});
