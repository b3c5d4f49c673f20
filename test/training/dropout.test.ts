import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameters } from '../../server/network/network.ts';
import { createRandom } from '../../server/random.ts';
import { createDrops } from '../../server/training/drops.ts';
import type { QuantizedTraining } from '../../server/training/engine.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomSamples, wholeNetworks } from './networks.ts';
import { Tape } from './tape.ts';
import { variants } from './variants.ts';

const SHARE = 0.4;
const UNITS = 5;

test('so many values are left out, wherever one looks', () => {
  const drops = createDrops(createRandom(1), SHARE);
  const draws = createRandom(2);
  const values = new Float32Array(1000);
  const kept = new Float64Array(1000);
  for (let n = 0; n < 400; n++) {
    drops(values, draws);
    values.forEach((value, i) => {
      assert.ok(value === 0 || value === 1);
      kept[i] += value / 400;
    });
  }
  assert.ok(kept.every((share) => Math.abs(share - (1 - SHARE)) < 0.13));
  assert.ok(Math.abs(kept.reduce((sum, share) => sum + share, 0) / 1000 - (1 - SHARE)) < 0.02);
});

/** What is drawn for a dense layer of a map of one pixel, in the order in which a session draws: [value][sample]. */
function drawn(seed: number, sizes: readonly number[]): Float32Array[] {
  const random = createRandom(seed);
  const [draws, drops] = [random.fork('draws'), createDrops(random.fork('dropout'), SHARE)];
  return sizes.map((size) => {
    const noise = new Float32Array(16 * size);
    drops(noise, draws);
    return noise;
  });
}

test('each sample leaves out inputs of its own: loss and gradients equal those by tape in float64', () => {
  const layers = network([1, 1, 6], { op: 'dense', units: UNITS }, { op: 'relu' }, { op: 'dense', units: CLASSES });
  const parameters = anyParameters(layers, 2);
  const samples = randomSamples(layers.input, 12, 3);
  const indices = Uint32Array.from({ length: 12 }, (_, i) => i);
  for (const variant of variants) {
    const session = createEngine({ variant }).open({ network: layers, encoding, batch: 12, seed: 9, parameters, dropout: SHARE });
    const found = session.gradients(samples, indices);
    const noise = drawn(9, [6, UNITS]);
    const tape = new Tape();
    const weights = Object.fromEntries(
      Object.entries(parameters).map(([layer, { weight, bias }]) => [
        layer,
        { weight: Array.from(weight, tape.constant.bind(tape)), bias: Array.from(bias, tape.constant.bind(tape)) },
      ]),
    );
    const dense = (layer: string, inputs: number[], noiseOf: Float32Array, sample: number): number[] => {
      const left = inputs.map((x, i) => tape.scale(x, noiseOf[16 * i + sample] / (1 - SHARE)));
      const { weight, bias } = weights[layer];
      return bias.map((b, unit) => tape.add(b, tape.sum(left.map((x, i) => tape.multiply(x, weight[unit * inputs.length + i])))));
    };
    const losses = Array.from(indices, (n) => {
      const x = Array.from({ length: 6 }, (_, i) => tape.constant((samples.x[6 * n + i] - encoding.zeroPoint) / encoding.deviation));
      const hidden = dense('l0', x, noise[0], n).map((sum) => tape.larger(tape.constant(0), sum));
      const logits = dense('l2', hidden, noise[1], n);
      return tape.add(tape.log(tape.sum(logits.map((each) => tape.exp(each)))), tape.scale(logits[samples.labels[n]], -1));
    });
    const loss = tape.scale(tape.sum(losses), 1 / 12);
    const gradient = tape.gradient(loss);
    assert.ok(Math.abs(found.loss - tape.value(loss)) < 1e-5 * found.loss, `${found.loss}, not ${tape.value(loss)}`);
    for (const [layer, tensors] of Object.entries(weights))
      for (const tensor of ['weight', 'bias'] as const)
        tensors[tensor].forEach((scalar, i) => {
          const value = found.gradients[layer][tensor][i];
          assert.ok(Math.abs(value - gradient[scalar]) < 1e-5, `${layer}.${tensor}[${i}] is ${value}, not ${gradient[scalar]}`);
        });
  }
});

test('behind convolutions, joins and pools training with dropout lowers the loss, and evaluation leaves nothing out', () => {
  for (const each of [wholeNetworks['a residual and a side branch'], wholeNetworks['a series'], wholeNetworks['a stack of convolutions']]) {
    const samples = randomSamples(each.input, 48, 5);
    const parameters = anyParameters(each, 1);
    const open = (dropout?: number) =>
      createEngine({ variant: 'simd' }).open({ network: each, encoding, batch: 16, seed: 1, parameters, dropout });
    const [plain, dropping] = [open(), open(0.2)];
    assert.deepEqual(dropping.predict(samples), plain.predict(samples));
    assert.deepEqual(dropping.ranges(samples), plain.ranges(samples));
    const before = dropping.evaluate(samples).loss;
    for (let i = 0; i < 30; i++) dropping.trainEpoch(samples, () => ({ learningRate: 0.005, weightDecay: 0 }));
    assert.ok(dropping.evaluate(samples).loss < before / 2, `${dropping.evaluate(samples).loss} of ${before}`);
    assert.notDeepEqual(dropping.read(), plain.read());
  }
});

test('with a form, loss and gradients are those of the network that leaves inputs out: central differences with the same draws', () => {
  const layers = network([2, 2, 3], { op: 'conv2d', filters: 3 }, { op: 'dense', units: UNITS }, { op: 'dense', units: CLASSES });
  const parameters = anyParameters(layers, 2);
  const samples = randomSamples(layers.input, 16, 3);
  const indices = Uint32Array.from({ length: 16 }, (_, i) => i);
  const engine = createEngine({ variant: 'simd' });
  for (const form of ['variational', 'bayesian', 'feedback'] as const) {
    const at = (from: Parameters, dropout?: number) =>
      engine.open({ network: layers, encoding, batch: 16, seed: 9, parameters: from, form, dropout }).gradients(samples, indices);
    const here = at(parameters, SHARE);
    assert.notEqual(here.loss, at(parameters).loss);
    for (const [layer, { weight }] of Object.entries(parameters)) {
      for (const i of [0, 3, weight.length - 1]) {
        const moved = (by: number) => {
          const near = {
            ...parameters,
            [layer]: { ...parameters[layer], weight: weight.map((value, k) => (k === i ? value + by : value)) },
          };
          return at(near, SHARE).loss;
        };
        const [slope, expected] = [here.gradients[layer].weight[i], (moved(0.002) - moved(-0.002)) / 0.004];
        assert.ok(Math.abs(slope - expected) < 2e-3 * (0.1 + Math.abs(expected)), `${form} ${layer}[${i}]: ${slope}, not ${expected}`);
      }
    }
  }
});

test('in integers the same inputs are left out as in real numbers, and evaluation is exact', () => {
  const layers = network(
    [4, 4, 3],
    { op: 'conv2d', filters: 6 },
    { op: 'relu' },
    { op: 'dense', units: UNITS },
    { op: 'relu' },
    { op: 'dense', units: CLASSES },
  );
  const parameters = anyParameters(layers, 2);
  const samples = randomSamples(layers.input, 48, 3);
  const indices = Uint32Array.from({ length: 48 }, (_, i) => i);
  const open = (quantized?: QuantizedTraining, dropout?: number) =>
    createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 48, seed: 9, parameters, quantized, dropout });
  // Twice as wide: what is left counts for more, and is not to saturate.
  const ranges = new Map([...open().ranges(samples)].map(([name, { min, max }]) => [name, { min: 2 * min, max: 2 * max }]));
  for (const learnedStep of [false, true]) {
    const [real, rounded] = [undefined, { ranges, learnedStep }].map((quantized) => open(quantized, SHARE).gradients(samples, indices));
    assert.ok(Math.abs(real.loss - rounded.loss) < 0.1 * real.loss, `${rounded.loss}, not ${real.loss}`);
    for (const [layer, { weight }] of Object.entries(real.gradients)) {
      const other = rounded.gradients[layer].weight;
      const cosine = weight.reduce((sum, value, i) => sum + value * other[i], 0) / (Math.hypot(...weight) * Math.hypot(...other));
      assert.ok(cosine > 0.97, `${layer}: ${cosine}`);
    }
    const session = open({ ranges, learnedStep }, SHARE);
    assert.deepEqual(session.predict(samples), open({ ranges, learnedStep }).predict(samples));
    const before = session.evaluate(samples).loss;
    for (let i = 0; i < 150; i++) session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
    assert.ok(session.evaluate(samples).loss < before / 2, `${session.evaluate(samples).loss} of ${before}`);
  }
});
