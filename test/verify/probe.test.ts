import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { planWith } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createInterpreter } from '../../server/quantize/interpreter.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { createRandom } from '../../server/random.ts';
import { compare, randomSamples } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { findHostCompiler, runOnHost, runProbed } from '../../server/verify/host.ts';
import { locate, probed, sampleAt } from '../../server/verify/probe.ts';
import { prove } from '../../server/verify/proof.ts';
import { randomQuantized } from '../support/networks.ts';
import { writtenNetwork } from './subject.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';

/** The network with every bias of one stage changed. */
function changed(network: QuantizedNetwork, name: string, by: number): QuantizedNetwork {
  const stages = network.stages.map((stage) => {
    if (stage.name !== name || !stage.weights) return stage;
    return { ...stage, weights: { ...stage.weights, bias: stage.weights.bias.map((bias) => bias + by) } };
  });
  return { ...network, stages };
}

/** By two interpreters: the first layer with a difference, and its first element. */
function difference(network: QuantizedNetwork, other: QuantizedNetwork, sample: Uint8Array) {
  const [right, wrong] = [createInterpreter(network), createInterpreter(other)];
  right.run(sample);
  wrong.run(sample);
  for (const { name, shape, raw } of network.stages) {
    const [expected, actual] = [right.tensors.get(name)!, wrong.tensors.get(name)!];
    for (let y = 0, at = 0; y < shape.height; y++)
      for (let x = 0; x < shape.width; x++)
        for (let channel = 0; channel < shape.channels; channel++, at++)
          if (expected[at] !== actual[at]) return { layer: name, y, x, channel, expected: expected[at], actual: actual[at], raw };
  }
  return undefined;
}

test('what differs is found in the layer and the element where it begins, under every plan', { skip }, async () => {
  let found = 0;
  for (let seed = 0; seed < 60 && found < 18; seed++) {
    const random = createRandom(600 + seed);
    const { quantized } = randomQuantized(random, { largest: 9 });
    const { stages, input } = quantized;
    const weighted = stages.filter((stage) => stage.weights && !stage.raw);
    if (weighted.length === 0) continue;
    const other = changed(quantized, weighted[random.integer(weighted.length)].name, 4000);
    const [sample] = [randomSamples(1, subjectOf('net', quantized).sampleBytes, seed)];
    const expected = difference(quantized, other, sample);
    if (!expected || expected.raw) continue;
    const unit = seed % 2 ? 'pixel' : 'row';
    const streamed = seed % 3 ? stages.length : 1 + random.integer(stages.length);
    const plan = planWith({ unit, streamed }, input.shape, stages, planTarget({ architecture: 'generic' }));
    const files = generate('net', other, plan, { flashBytes: 0, classes: ['a'] });
    const { raw: _, ...place } = expected;
    assert.deepEqual(await locate(quantized, 'net', files, sample, runProbed), place, `seed ${seed}, ${unit}, ${streamed} streamed`);
    found++;
  }
  assert.ok(found >= 12, `${found} tried`);
});

test('C with probes computes what it does without', { skip }, async () => {
  for (let seed = 0; seed < 6; seed++) {
    const random = createRandom(700 + seed);
    const { quantized } = randomQuantized(random, { largest: 9 });
    const { stages, input } = quantized;
    const plan = planWith(
      { unit: seed % 2 ? 'pixel' : 'row', streamed: stages.length },
      input.shape,
      stages,
      planTarget({ architecture: 'generic' }),
    );
    const [header, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const probe = 'void sparse_probe(unsigned stage, const void *from, unsigned bytes) { (void)stage; (void)from; (void)bytes; }\n';
    const content = probed(source.content, quantized);
    assert.notEqual(content, source.content);
    const subject = subjectOf('net', quantized);
    const samples = randomSamples(5, subject.sampleBytes, seed);
    const answers = await runOnHost(subject, [header, { path: source.path, content: `${probe}${content}` }], samples);
    assert.equal(compare(quantized, samples, answers).different, 0);
    assert.equal(await locate(quantized, 'net', [header, source], samples.subarray(0, subject.sampleBytes), runProbed), undefined);
  }
});

test('a proof that fails names the layer, and a wrong logit by its number', { skip }, async () => {
  const { network, plan, files } = writtenNetwork();
  const broken = (pattern: RegExp, replacement: string) =>
    prove({
      name: 'net',
      files: files.map((file) => (file.path === 'net.c' ? { ...file, content: file.content.replaceAll(pattern, replacement) } : file)),
      network,
      ramBytes: plan.ramBytes,
    });
  const inner = await broken(/(sum24 sum0 = )-?\d+/g, '$19999');
  const first = inner.checks[0].random!.first!;
  assert.equal(first.layer, 'next');
  assert.equal(first.channel, 0);
  const samples = randomSamples(1000, 144, 1);
  const interpreter = createInterpreter(network);
  interpreter.run(sampleAt(network, samples, first.sample));
  const { width, channels } = network.stages.find(({ name }) => name === 'next')!.shape;
  assert.equal(interpreter.tensors.get('next')![(first.y * width + first.x) * channels], first.expected);
  const outer = await broken(/(logits_bias\[.*\n\s*)(-?\d+),( -?\d+)/g, '$1$2,$39');
  const { layer, channel, expected, actual, sample } = outer.checks[0].random!.first!;
  assert.deepEqual([layer, channel, sample], ['logits', 1, 0]);
  assert.equal(createInterpreter(network).run(sampleAt(network, samples, 0))[1], expected);
  assert.notEqual(expected, actual);
});
