import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Samples } from '../../server/dataset/dataset.ts';
import { withBits } from '../../server/network/bits.ts';
import { checkNetwork } from '../../server/network/check.ts';
import type { Arithmetic, Network, Parameters, WeightBits } from '../../server/network/network.ts';
import { elements } from '../../server/network/shape.ts';
import { createInterpreter } from '../../server/quantize/interpreter.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import type { QuantizedTraining } from '../../server/training/engine.ts';
import { foldNetwork, foldState } from '../../server/training/quantized/fold.ts';
import type { WasmSession } from '../../server/training/session.ts';
import { createEngine, type Variant } from '../../server/training/wasm.ts';
import { anyParameters, encoding, network, operatorCases, randomNetwork, randomSamples, wholeNetworks } from './networks.ts';
import { reference } from './reference.ts';
import { mapTensors } from './tensors.ts';
import { variants } from './variants.ts';

/** Every kind of weight and of arithmetic, in turn. */
const BITS: readonly WeightBits[] = [8, 4, 2, 'ternary'];
const ARITHMETICS: readonly Arithmetic[] = [{}, { activationBits: 4 }, { powerOfTwo: true }, { activationBits: 4, powerOfTwo: true }];

test('folding batch norm leaves the logits as they are', () => {
  for (let seed = 0; seed < 20; seed++) {
    const each = randomNetwork(seed);
    const parameters = anyParameters(each, seed);
    const folded = foldNetwork(each, parameters);
    assert.deepEqual(checkNetwork(folded.network).faults, []);
    const samples = randomSamples(each.input, 8, 1);
    const logits = (of: Network, with_: Parameters) => open(of, with_, 'simd').predict(samples);
    const [before, after] = [logits(each, parameters), logits(folded.network, folded.parameters)];
    const scale = before.reduce((most, logit) => Math.max(most, Math.abs(logit)), 1);
    before.forEach((logit, i) => {
      assert.ok(Math.abs(logit - after[i]) < 1e-4 * scale);
    });
  }
});

test('a network trained as quantised answers as the integer interpreter does, bit for bit', () => {
  const networks = [
    ...Object.values(wholeNetworks).filter((each) => each !== wholeNetworks['no weights']),
    ...Object.values(operatorCases).flatMap((cases) => cases.filter((_, i) => i % 4 === 0)),
    ...operatorCases.relu,
    ...Array.from({ length: 30 }, (_, seed) => randomNetwork(seed)),
  ];
  for (const [index, each] of networks.entries())
    checkBits(withBits(each, BITS[index % 4], ARITHMETICS[(index >> 2) % 4]), variants[index % variants.length], index);
});

test('a network with batch norm is refused', () => {
  const layers = wholeNetworks['a series'];
  const parameters = anyParameters(layers, 1);
  assert.throws(() => open(layers, parameters, 'simd', { ranges: new Map() }), /batch norm l4 must be folded/);
});

test('its gradients point where those of the real network do', () => {
  const layers = wholeNetworks['a residual and a side branch'];
  const folded = foldNetwork(layers, anyParameters(layers, 5));
  const samples = randomSamples(layers.input, 64, 4);
  const indices = Uint32Array.from({ length: 64 }, (_, i) => i);
  const plain = open(folded.network, folded.parameters, 'simd');
  const quantized = open(folded.network, folded.parameters, 'simd', { ranges: plain.ranges(samples) });
  const [real, rounded] = [plain, quantized].map((session) => session.gradients(samples, indices));
  assert.ok(Math.abs(real.loss - rounded.loss) < 0.05 * real.loss, `${rounded.loss}, not ${real.loss}`);
  for (const [layer, tensors] of Object.entries(real.gradients)) {
    const cosine = similarity(tensors.weight, rounded.gradients[layer].weight);
    assert.ok(cosine > 0.97, `${layer}: ${cosine}`);
    const lengths = Math.hypot(...rounded.gradients[layer].weight) / Math.hypot(...tensors.weight);
    assert.ok(lengths > 0.8 && lengths < 1.25, `${layer}: ${lengths}`);
  }
});

for (const weightBits of BITS) {
  test(`with ${weightBits} bits a network still learns`, () => {
    const plain = network([6, 6, 2], { op: 'conv2d', filters: 8 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: 3 });
    const layers = withBits(plain, weightBits);
    const samples = randomSamples(layers.input, 48, 1);
    const parameters = anyParameters(layers, 1);
    const ranges = open(layers, parameters, 'simd').ranges(samples);
    const session = open(layers, parameters, 'simd', { ranges });
    const first = session.evaluate(samples).loss;
    for (let i = 0; i < 60; i++) session.trainEpoch(samples, () => ({ learningRate: 0.003, weightDecay: 0 }));
    const { loss } = session.evaluate(samples);
    assert.ok(loss < first / 3, `${loss} of ${first}`);
    const { weight } = quantize(layers, session.read(), encoding, ranges).stages[0].weights!;
    const kinds = new Set(weight).size;
    assert.ok(kinds <= { 8: 255, 4: 15, 2: 4, ternary: 3 }[weightBits] && kinds > 1, `${kinds}`);
  });
}

function checkBits(of: Network, variant: Variant, seed: number, learnedStep = false): void {
  const { network: each, parameters } = foldNetwork(of, anyParameters(of, seed));
  const samples = randomSamples(each.input, 21, 3);
  const measured = open(each, parameters, variant).ranges(samples);
  const session = open(each, parameters, variant, { ranges: measured, learnedStep });
  for (let i = 0; i < 2; i++) session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
  const integers = quantize(each, session.read(), encoding, session.ranges(samples));
  const interpreter = createInterpreter(integers);
  const { scale } = integers.stages[integers.stages.length - 1].encoding;
  const logits = session.predict(samples);
  for (let n = 0; n < samples.count; n++) {
    interpreter.run(sampleOf(samples, n)).forEach((value, k, { length }) => {
      const expected = Math.fround(value * Math.fround(scale));
      const found = logits[n * length + k];
      assert.ok(found === expected, `logit ${k} of sample ${n} is ${found}, not ${expected}; ${JSON.stringify(each)}`);
    });
  }
}

function open(of: Network, parameters: Parameters, variant: Variant, quantized?: QuantizedTraining): WasmSession {
  return createEngine({ variant }).open({ network: of, encoding, batch: 16, seed: 1, parameters, quantized });
}
const sampleOf = ({ x, shape }: Samples, n: number) => x.subarray(n * elements(shape), (n + 1) * elements(shape));

function similarity(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, each, i) => sum + each * b[i], 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

test('with scales that are learned, the network still answers as the interpreter does', () => {
  const networks = [...Object.values(wholeNetworks).filter((each) => each !== wholeNetworks['no weights']), ...operatorCases.relu];
  for (let seed = 0; seed < 16; seed++) networks.push(randomNetwork(seed));
  for (const [index, each] of networks.entries())
    checkBits(withBits(each, BITS[index % 4], ARITHMETICS[(index >> 2) % 4]), variants[index % variants.length], index, true);
});

test('folding a state divides the moments as the chain rule says', () => {
  for (const each of [
    wholeNetworks['a residual and a side branch'],
    wholeNetworks['a series'],
    ...Array.from({ length: 6 }, (_, seed) => randomNetwork(seed)),
  ]) {
    const parameters = anyParameters(each, 3);
    const folded = foldNetwork(each, parameters);
    const samples = randomSamples(each.input, 5, 2);
    const slopes = (of: Network, with_: Parameters) =>
      mapTensors(reference(of, with_, encoding, samples, [0, 1, 2, 3, 4], 'infer').gradients(), (values) =>
        Float32Array.from(values),
      ) as Parameters;
    const [before, after] = [slopes(each, parameters), slopes(folded.network, folded.parameters)];
    const squared = (all: Parameters): Parameters => mapTensors(all, (values) => values.map((value) => value * value));
    const state = { steps: 7, blocks: 3, tensors: { value: parameters, first: before, second: squared(before) } };
    const { steps, tensors } = foldState(each, parameters, folded.parameters, state);
    assert.deepEqual([steps, tensors.value], [7, folded.parameters]);
    for (const [layer, all] of Object.entries(after)) {
      for (const [tensor, values] of Object.entries(all)) {
        const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
        values.forEach((value, i) => {
          assert.ok(Math.abs(tensors.first[layer][tensor][i] - value) < 1e-4 * scale, `${layer}.${tensor}[${i}]`);
          assert.ok(Math.abs(tensors.second[layer][tensor][i] - value * value) < 1e-4 * scale * scale, `${layer}.${tensor}[${i}]`);
        });
      }
    }
  }
});
