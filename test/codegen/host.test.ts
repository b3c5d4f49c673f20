import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT, type Network } from '../../server/network/network.ts';
import { createRandom } from '../../server/random.ts';
import { findHostCompiler, SANITIZERS } from '../../server/verify/host.ts';
import { randomlyQuantized, randomQuantized } from '../support/networks.ts';
import { assertSameAnswers, planOf } from './answers.ts';

const compiler = findHostCompiler();
const skip = compiler ? false : 'no C compiler on the PATH';
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

test('generated C equals the interpreter, bit for bit, with weights and activations of fewer bits', { skip }, async () => {
  const random = createRandom(15);
  for (let seed = 0; seed < 20; seed++) {
    const { quantized, network } = randomQuantized(
      createRandom(7000 + seed),
      { narrow: true, clipped: seed % 4 === 3 },
      seed % 2 ? 0.8 : 0,
    );
    const streamed = seed % 2 ? quantized.stages.length : random.integer(quantized.stages.length + 1);
    await assertSameAnswers(quantized, planOf(quantized, streamed), random, ['-O1'], `seed ${seed}: ${JSON.stringify(network)}`);
  }
});

test('C that is laid out for an AVR gives the same answers where integers of 24 bits are wider', { skip }, async () => {
  const random = createRandom(16);
  let inArena = 0;
  const chain = (...units: number[]): Network => ({
    input: { height: 3, width: 3, channels: 1 },
    layers: units.map((count, i) => ({ op: 'dense', name: `d${i}`, inputs: [i === 0 ? INPUT : `d${i - 1}`], units: count })),
  });
  for (let seed = 0; seed < 24; seed++) {
    const dense = chain(random.integer(20) + 4, random.integer(20) + 4, 10);
    const { quantized } = seed % 2 ? randomQuantized(createRandom(8000 + seed)) : randomlyQuantized(dense, createRandom(8000 + seed));
    const plan = planOf(quantized, random.integer(quantized.stages.length + 1), seed % 3 ? 'row' : 'pixel', 'avr');
    inArena += plan.sums.filter((each) => each.phase !== undefined).length;
    await assertSameAnswers(quantized, plan, random, SANITIZERS, `seed ${seed}: ${JSON.stringify(quantized.stages)}`);
  }
  assert.ok(inArena > 5, `${inArena} with logits in the arena`);
});

test('generated C touches no byte that is not its own', { skip }, async () => {
  const random = createRandom(12);
  for (let seed = 0; seed < 6; seed++) {
    const { quantized } = randomQuantized(createRandom(2000 + seed), {}, seed % 2 ? 0.8 : 0);
    const streamed = seed % 2 ? quantized.stages.length : random.integer(quantized.stages.length + 1);
    await assertSameAnswers(quantized, planOf(quantized, streamed), random, SANITIZERS, `seed ${seed}, sanitized`);
  }
});
