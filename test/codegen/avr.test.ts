import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { elements } from '../../server/network/shape.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { argmax, createInterpreter } from '../../server/quantize/interpreter.ts';
import { createRandom } from '../../server/random.ts';
import { compileForAvr, findAvrCompiler, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P, simulatedAvr } from '../../server/verify/chips.ts';
import { compare } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

const skip = findAvrCompiler() ? false : 'avr-gcc is not on the PATH';
const target = planTarget({ architecture: 'avr' });

test("on a simulated ATmega328P: the interpreter's answers, the planned static RAM to the byte, no more stack than planned", {
  skip,
}, async () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = createRandom(3000 + seed);
    const { quantized, network } = randomQuantized(random, { largest: 10 }, seed % 4 < 2 ? 0.8 : 0);
    const shape = quantized.input.shape;
    const streamed = random.integer(quantized.stages.length + 1);
    const plan =
      seed % 2 ? choosePlan(shape, quantized.stages, target) : planWith({ unit: 'row', streamed }, shape, quantized.stages, target);
    const what = `seed ${seed}, ${plan.streamed} stages streamed, ${JSON.stringify(network)}`;
    if (plan.ramBytes > ATMEGA328P.ramBytes) continue;
    const subject = subjectOf('net', quantized);
    const samples = randomBytes(random, 3 * subject.sampleBytes);
    const elf = await compileForAvr(
      subject,
      generate('net', quantized, plan, { flashBytes: 0, classes: ['a'], ramBudgetBytes: 2048 }),
      ATMEGA328P,
    );
    const run = runOnAvr(subject, elf, samples, ATMEGA328P);
    assert.equal(run.staticBytes, plan.stateBytes, what);
    assert.ok(run.stackBytes <= plan.stackBytes, `${run.stackBytes} B of stack, planned ${plan.stackBytes} B: ${what}`);
    const interpreter = createInterpreter(quantized);
    const size = elements(shape);
    for (let i = 0; i < 3; i++) {
      const expected = interpreter.run(samples.subarray(i * size, (i + 1) * size));
      assert.deepEqual([...run.logits.subarray(i * subject.logits, (i + 1) * subject.logits)], [...expected], what);
      assert.equal(run.classes[i], argmax(expected));
    }
  }
});

test('on a simulated ATmega328P the plain C gives the same bits as the assembly', { skip }, async () => {
  for (let seed = 0; seed < 8; seed++) {
    const random = createRandom(4000 + seed);
    const { quantized } = randomQuantized(random, { largest: 10 }, seed % 2 ? 0.8 : 0);
    const plan = choosePlan(quantized.input.shape, quantized.stages, target);
    const subject = subjectOf('net', quantized);
    const samples = randomBytes(random, 3 * subject.sampleBytes);
    const [header, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const plain = { path: source.path, content: `#define SPARSE_PLAIN_C\n${source.content}` };
    const [run, twin] = await Promise.all(
      [source, plain].map(async (each) => runOnAvr(subject, await compileForAvr(subject, [header, each], ATMEGA328P), samples, ATMEGA328P)),
    );
    assert.deepEqual(run.logits, twin.logits, `seed ${seed}`);
  }
});

test('on a simulated ATmega328P kernels that lost most of their weights, or all, give the same bits', { skip }, async () => {
  for (let seed = 0; seed < 8; seed++) {
    const random = createRandom(80000 + seed);
    const { quantized } = randomQuantized(random, { largest: 9 }, seed % 2 ? 0.97 : 1);
    const plan = choosePlan(quantized.input.shape, quantized.stages, target);
    const subject = subjectOf('net', quantized);
    const samples = randomBytes(random, 2 * subject.sampleBytes);
    const elf = await compileForAvr(subject, generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] }), ATMEGA328P);
    const run = runOnAvr(subject, elf, samples, ATMEGA328P);
    assert.equal(compare(quantized, samples, run).different, 0, `seed ${seed}`);
    assert.ok(run.stackBytes <= plan.stackBytes, `seed ${seed}`);
  }
});

const unusual = {
  'dilated kernels': { dilation: true },
  'clipped ReLUs': { clipped: true },
  'weights and activations of fewer bits': { narrow: true },
};

for (const [what, options] of Object.entries(unusual)) {
  test(`on a simulated ATmega328P ${what} give the same bits in the RAM planned`, { skip }, async () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = createRandom(5100 + seed);
      const { quantized, network } = randomQuantized(random, { largest: 9, ...options }, seed % 2 ? 0.8 : 0);
      const plan = choosePlan(quantized.input.shape, quantized.stages, target);
      if (plan.ramBytes > ATMEGA328P.ramBytes) continue;
      const subject = subjectOf('net', quantized);
      const samples = randomBytes(random, 2 * subject.sampleBytes);
      const elf = await compileForAvr(subject, generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] }), ATMEGA328P);
      const run = runOnAvr(subject, elf, samples, ATMEGA328P);
      assert.equal(compare(quantized, samples, run).different, 0, JSON.stringify(network));
      assert.equal(run.staticBytes, plan.stateBytes);
      assert.ok(
        run.stackBytes <= plan.stackBytes,
        `${run.stackBytes} B of stack, planned ${plan.stackBytes} B: ${JSON.stringify(network)}`,
      );
    }
  });
}

test('a RAM budget that is too small stops the compiler', { skip }, async () => {
  const { quantized } = randomQuantized(createRandom(1));
  const plan = choosePlan(quantized.input.shape, quantized.stages, target);
  const files = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'], ramBudgetBytes: plan.ramBytes - 1 });
  await assert.rejects(compileForAvr(subjectOf('net', quantized), files, ATMEGA328P), /net_fits_its_ram_budget/);
  const enough = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'], ramBudgetBytes: plan.ramBytes });
  await compileForAvr(subjectOf('net', quantized), enough, ATMEGA328P);
});

test('on a chip without a multiplier: the same answers', { skip }, async () => {
  const tiny = simulatedAvr('attiny85')!;
  for (let seed = 0; seed < 8; seed++) {
    const random = createRandom(4000 + seed);
    const { quantized, network } = randomQuantized(random, { largest: 7 }, seed % 2 ? 0.8 : 0);
    const plan = choosePlan(quantized.input.shape, quantized.stages, planTarget({ architecture: 'avr', id: tiny.mcu }));
    if (plan.ramBytes > tiny.ramBytes) continue;
    const subject = subjectOf('net', quantized);
    const samples = randomBytes(random, 2 * subject.sampleBytes);
    const files = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const run = runOnAvr(subject, await compileForAvr(subject, files, tiny), samples, tiny);
    assert.equal(compare(quantized, samples, run).different, 0, JSON.stringify(network));
    assert.equal(run.staticBytes, plan.stateBytes);
    assert.ok(run.stackBytes <= plan.stackBytes, `${run.stackBytes} B of stack, planned ${plan.stackBytes} B`);
  }
});
