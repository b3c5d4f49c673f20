import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { DataSet, Samples } from '../../server/dataset/dataset.ts';
import { generateDigits } from '../../server/dataset/digits/generate.ts';
import { loadDataSet } from '../../server/dataset/load.ts';
import { findChip } from '../../server/device/find.ts';
import type { Layer, Network } from '../../server/network/network.ts';
import { elements } from '../../server/network/shape.ts';
import { argmax, integerAccuracy } from '../../server/quantize/interpreter.ts';
import { type Candidate, quantizedOf, readCandidate, writeCandidate } from '../../server/run/candidate.ts';
import { type Evaluated, evaluate } from '../../server/run/evaluate.ts';
import { exportCandidate } from '../../server/run/export.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { compileForAvr, findAvrCompiler, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P } from '../../server/verify/chips.ts';
import { compare } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { findHostCompiler, runOnHost } from '../../server/verify/host.ts';
import { forward } from '../support/forward.ts';
import { decoded } from '../support/networks.ts';

/** From drawn digits to the chip: trained with pruning, in integers, kept in a file, written as C, compiled, run. */
const folder = mkdtempSync(join(tmpdir(), 'sparse-digits-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const device = findChip('atmega328p')!;
const square = (size: number) => [size, size] as const;
const window = { stride: square(1), padding: 'same' } as const;
const half = { kernel: square(2), stride: square(2), padding: 'valid' } as const;
const layers: Layer[] = [
  { name: 'shrink', op: 'maxPool', inputs: ['input'], ...half },
  { name: 'first', op: 'conv2d', inputs: ['shrink'], filters: 8, kernel: square(3), ...window },
  { name: 'norm', op: 'batchNorm', inputs: ['first'] },
  { name: 'bend', op: 'relu', inputs: ['norm'] },
  { name: 'pool', op: 'maxPool', inputs: ['bend'], ...half },
  { name: 'depth', op: 'depthwise', inputs: ['pool'], kernel: square(3), ...window },
  { name: 'point', op: 'conv2d', inputs: ['depth'], filters: 16, kernel: square(1), ...window },
  { name: 'bend2', op: 'relu', inputs: ['point'] },
  { name: 'logits', op: 'dense', inputs: ['bend2'], units: 10 },
];
const network: Network = { input: { height: 28, width: 28, channels: 1 }, layers };

let data: DataSet;
let trained: Evaluated;
let candidate: Candidate;
before(async () => {
  await generateDigits(folder, { train: 1200, test: 400, seed: 5 });
  const files = (name: string) => ({
    samples: join(folder, `${name}-images-idx3-ubyte.gz`),
    labels: join(folder, `${name}-labels-idx1-ubyte.gz`),
  });
  const loaded = await loadDataSet({
    ...{ name: 'digits', format: 'idx', train: files('train'), test: files('t10k'), validationShare: 0.1, testShare: 0.1 },
    ...{ normalise: 'standard', seed: 1 },
  });
  data = loaded.data!;
  const recipe = {
    ...{ epochs: 8, batch: 32, learningRate: 0.01, weightDecay: 1e-4, schedule: 'cosine' as const },
    pruning: { structured: 0.25, unstructured: 0.5, from: 0.2, to: 0.7 },
  };
  const evaluated = evaluate(createEngine(), data, device, { network, recipe, seed: 3 });
  assert.ok(!('unusable' in evaluated));
  trained = evaluated;
  const { price: _, floatAccuracy: __, epochs: ___, rungs: ____, stopped: _____, ...kept } = trained;
  writeCandidate(folder, { id: 0, ...kept, encoding: data.encoding, classes: data.classes });
  candidate = readCandidate(folder, 0);
});

test('in integers the network is about as accurate as in float, and has learnt', () => {
  const floatAccuracy = accuracyInFloat(data.test);
  const accuracy = integerAccuracy(quantizedOf(candidate), data.test);
  assert.ok(accuracy > 0.8, `${accuracy} of the test digits`);
  assert.ok(Math.abs(accuracy - floatAccuracy) <= 0.02, `${accuracy} in integers, ${floatAccuracy} in float`);
  assert.equal(trained.accuracy, integerAccuracy(quantizedOf(candidate), data.validation));
  assert.ok(Math.abs(trained.accuracy - trained.floatAccuracy) <= 0.03, `${trained.accuracy}, ${trained.floatAccuracy}`);
});

/** By the tests' own float64 network. */
function accuracyInFloat({ x, labels, shape, count }: Samples): number {
  const size = elements(shape);
  let right = 0;
  for (let i = 0; i < count; i++) {
    const logits = forward(trained.network, trained.parameters, decoded(x.subarray(i * size, (i + 1) * size), data.encoding)).get(
      'logits',
    )!;
    right += Number(argmax(logits) === labels[i]);
  }
  return right / count;
}

test('pruning left the share of weights and channels that it was told to', () => {
  const conv = (of: Network, name: string) => of.layers.find((layer) => layer.name === name) as { filters: number };
  assert.deepEqual([conv(trained.network, 'first').filters, conv(trained.network, 'point').filters], [6, 12]);
  const weights = ['first', 'depth', 'point', 'logits'].map((name) => candidate.parameters[name].weight);
  const total = weights.reduce((sum, { length }) => sum + length, 0);
  const zeros = weights.reduce((sum, each) => sum + each.filter((weight) => weight === 0).length, 0);
  assert.ok(Math.abs(zeros / total - 0.5) < 0.01, `${zeros} of ${total}`);
  const integers = quantizedOf(candidate).stages.flatMap(({ weights }) => [...(weights?.weight ?? [])]);
  assert.ok(integers.filter((weight) => weight === 0).length >= zeros, 'zero stays zero in integers');
});

const spec = { output: { folder: '', name: 'digits' }, target: { device, reserve: { ramBytes: 0, flashBytes: 0 } } };
const skip = findHostCompiler() ? false : 'no C compiler on the PATH';
const skipAvr = findAvrCompiler() ? false : 'avr-gcc is not on the PATH';

test('the C gives the same answers over the whole test split, and the same accuracy', { skip }, async () => {
  const quantized = quantizedOf(candidate);
  const { files } = exportCandidate(spec, candidate);
  const answers = await runOnHost(subjectOf('digits', quantized), files, data.test.x);
  assert.deepEqual(compare(quantized, data.test.x, answers, data.test.labels), {
    ...{ samples: data.test.count, different: 0, accuracy: integerAccuracy(quantized, data.test) },
  });
});

test('on the simulated ATmega328P the C gives the same answers within the planned RAM', { skip: skipAvr }, async () => {
  const quantized = quantizedOf(candidate);
  const { files, plan, flashBytes } = exportCandidate(spec, candidate);
  const subject = subjectOf('digits', quantized);
  const samples = data.test.x.subarray(0, 12 * subject.sampleBytes);
  const run = runOnAvr(subject, await compileForAvr(subject, files, ATMEGA328P), samples, ATMEGA328P);
  assert.equal(compare(quantized, samples, run).different, 0);
  assert.equal(run.staticBytes, plan.stateBytes);
  assert.ok(run.ramBytes <= plan.ramBytes && plan.ramBytes <= 2048, `${run.ramBytes} of ${plan.ramBytes} B`);
  assert.equal(trained.price.ramBytes, plan.ramBytes);
  // The price knows how many weights are zero, but not which; the C is written and counted.
  assert.ok(
    Math.abs(trained.price.flashBytes - flashBytes) < 0.03 * flashBytes,
    `${trained.price.flashBytes} B priced, ${flashBytes} B written`,
  );
  // The program holds the harness and the C library's start as well.
  assert.ok(Math.abs(run.flashBytes - flashBytes) < 0.03 * flashBytes, `${run.flashBytes} B of flash, predicted ${flashBytes} B`);
});

test('names of classes cannot break out of the comment that tells them', { skip }, async () => {
  const classes = ['*/', '**//', '/*', '/**/', '\\', '??/', 'line\nbreak', '*/ #error', 'é', 'x'.repeat(200)];
  const quantized = quantizedOf(candidate);
  const { files } = exportCandidate(spec, { ...candidate, classes });
  await runOnHost(subjectOf('digits', quantized), files, data.test.x.subarray(0, 784));
});
