import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { elements } from '../../server/network/shape.ts';
import { planWith } from '../../server/plan/choose.ts';
import type { Plan } from '../../server/plan/plan.ts';
import { ringDepths } from '../../server/plan/stream.ts';
import { planTarget } from '../../server/plan/target.ts';
import { argmax, createInterpreter } from '../../server/quantize/interpreter.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { findHostCompiler, runOnHost, SANITIZERS } from '../../server/verify/host.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

const compiler = findHostCompiler();
const skip = compiler ? false : 'no C compiler on the PATH';
const COUNT = 20;

/** The generated code and the interpreter answer the same to samples of every kind: uniform, flat, black with a bright spot. */
async function assertSameAnswers(network: QuantizedNetwork, plan: Plan, random: Random, flags: readonly string[], what: string) {
  const size = elements(network.input.shape);
  const samples = randomBytes(random, size * COUNT);
  samples
    .fill(0, 0, size)
    .fill(255, size, 2 * size)
    .fill(0, 2 * size, 3 * size);
  samples[2 * size + random.integer(size)] = 255;
  const subject = subjectOf('net', network);
  const answers = await runOnHost(subject, generate('net', network, plan, { flashBytes: 0, classes: ['a'] }), samples, { flags });
  const interpreter = createInterpreter(network);
  for (let i = 0; i < COUNT; i++) {
    const expected = interpreter.run(samples.subarray(i * size, (i + 1) * size));
    const logits = answers.logits.subarray(i * subject.logits, (i + 1) * subject.logits);
    assert.deepEqual([...logits], [...expected], `${what}, sample ${i}`);
    assert.equal(answers.classes[i], argmax(expected), `${what}, sample ${i}`);
  }
}

const planOf = (network: QuantizedNetwork, streamed: number) =>
  planWith(
    streamed,
    network.input.shape,
    network.stages,
    ringDepths(network.input.shape, network.stages),
    planTarget({ architecture: 'generic' }),
  );

test('generated C equals the interpreter, bit for bit, on random networks under every plan', { skip }, async () => {
  const random = createRandom(11);
  for (let seed = 0; seed < 24; seed++) {
    const { quantized, network } = randomQuantized(createRandom(1000 + seed), {}, seed % 2 ? 0.8 : 0);
    const all = quantized.stages.length;
    for (const streamed of new Set([all, 0, random.integer(all + 1)])) {
      const what = `seed ${seed}, ${streamed} of ${all} stages streamed, ${JSON.stringify(network)}`;
      await assertSameAnswers(quantized, planOf(quantized, streamed), random, ['-O1'], what);
    }
  }
});

test('generated C equals the interpreter, bit for bit, on networks with dilated kernels', { skip }, async () => {
  const random = createRandom(13);
  for (let seed = 0; seed < 16; seed++) {
    const { quantized, network } = randomQuantized(createRandom(5000 + seed), { dilation: true }, seed % 2 ? 0.8 : 0);
    const all = quantized.stages.length;
    for (const streamed of new Set([all, random.integer(all + 1)])) {
      const what = `seed ${seed}, ${streamed} of ${all} stages streamed, ${JSON.stringify(network)}`;
      await assertSameAnswers(quantized, planOf(quantized, streamed), random, seed % 4 ? ['-O1'] : SANITIZERS, what);
    }
  }
});

test('generated C equals the interpreter, bit for bit, on networks with clipped ReLUs', { skip }, async () => {
  const random = createRandom(14);
  let clipped = 0;
  for (let seed = 0; seed < 16; seed++) {
    const { quantized, network } = randomQuantized(createRandom(6000 + seed), { clipped: true }, seed % 2 ? 0.8 : 0);
    clipped += quantized.stages.filter(({ ceiling }) => ceiling !== undefined).length;
    const streamed = seed % 2 ? quantized.stages.length : random.integer(quantized.stages.length + 1);
    await assertSameAnswers(quantized, planOf(quantized, streamed), random, ['-O1'], `seed ${seed}: ${JSON.stringify(network)}`);
  }
  assert.ok(clipped > 10);
});

test('generated C touches no byte that is not its own', { skip }, async () => {
  const random = createRandom(12);
  for (let seed = 0; seed < 6; seed++) {
    const { quantized } = randomQuantized(createRandom(2000 + seed), {}, seed % 2 ? 0.8 : 0);
    const streamed = seed % 2 ? quantized.stages.length : random.integer(quantized.stages.length + 1);
    await assertSameAnswers(quantized, planOf(quantized, streamed), random, SANITIZERS, `seed ${seed}, sanitized`);
  }
});
