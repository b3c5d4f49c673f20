import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { createDrops } from '../../server/training/drops.ts';
import { createEngine, hasRelaxed } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomSamples, wholeNetworks } from './networks.ts';
import { Tape } from './tape.ts';

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
  for (const variant of hasRelaxed() ? (['simd', 'relaxed'] as const) : (['simd'] as const)) {
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
