import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { compileForAvr, findAvrCompiler, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P } from '../../server/verify/chips.ts';
import { compare } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

const skip = findAvrCompiler() ? false : 'avr-gcc is not on the PATH';
const target = planTarget({ architecture: 'avr' });

test('pixel by pixel on a simulated ATmega328P: the same answers in the RAM planned, and the plain C gives them too', {
  skip,
}, async () => {
  let ran = 0;
  for (let seed = 0; seed < 16; seed++) {
    const random = createRandom(8000 + seed);
    const options = { largest: 10, series: false, dilation: seed % 4 === 0, clipped: seed % 4 === 1 };
    const { quantized, network } = randomQuantized(random, options, seed % 2 ? 0.8 : 0);
    const { shape } = quantized.input;
    const all = quantized.stages.length;
    const plan = planWith({ unit: 'pixel', streamed: seed % 3 ? all : 1 + random.integer(all) }, shape, quantized.stages, target);
    if (plan.ramBytes > ATMEGA328P.ramBytes) continue;
    ran++;
    const subject = subjectOf('net', quantized);
    const samples = randomBytes(random, 2 * subject.sampleBytes);
    const [header, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'], ramBudgetBytes: 2048 });
    for (const prefix of ['', '#define SPARSE_PLAIN_C\n']) {
      const elf = await compileForAvr(subject, [header, { ...source, content: prefix + source.content }], ATMEGA328P);
      const run = runOnAvr(subject, elf, samples, ATMEGA328P);
      const what = `seed ${seed}, ${plan.streamed} of ${all} stages streamed, ${JSON.stringify(network)}`;
      assert.equal(compare(quantized, samples, run).different, 0, what);
      assert.equal(run.staticBytes, plan.stateBytes, what);
      if (prefix === '')
        assert.ok(run.stackBytes <= plan.stackBytes, `${run.stackBytes} B of stack, planned ${plan.stackBytes} B: ${what}`);
    }
  }
  assert.ok(ran > 10, `${ran} fit the chip`);
});

test('a plan for the least RAM takes no more than the fast one, and the chip confirms both', { skip }, async () => {
  for (let seed = 0; seed < 6; seed++) {
    const random = createRandom(8100 + seed);
    const { quantized } = randomQuantized(random, { largest: 14, series: false });
    const { shape } = quantized.input;
    const subject = subjectOf('net', quantized);
    const samples = randomBytes(random, 2 * subject.sampleBytes);
    const measured = [];
    for (const objective of ['cycles', 'ram'] as const) {
      const plan = choosePlan(shape, quantized.stages, target, { objective });
      const files = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
      const run = runOnAvr(subject, await compileForAvr(subject, files, ATMEGA328P), samples, ATMEGA328P);
      assert.equal(compare(quantized, samples, run).different, 0);
      assert.ok(run.ramBytes <= plan.ramBytes, `seed ${seed}: ${run.ramBytes} B, planned ${plan.ramBytes} B`);
      measured.push(run.ramBytes);
    }
    assert.ok(measured[1] <= measured[0], `seed ${seed}: ${measured}`);
  }
});
