import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network, Parameters } from '../../server/network/network.ts';
import { createRandom } from '../../server/random.ts';
import type { QuantizedTraining } from '../../server/training/engine.ts';
import { foldNetwork } from '../../server/training/quantized/fold.ts';
import { keepsOrder } from '../../server/training/straight/compile.ts';
import { createEngine, type Variant } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, operatorCases, randomNetwork, randomSamples, wholeNetworks } from './networks.ts';
import { reference } from './reference.ts';
import { mapTensors } from './tensors.ts';
import { variants } from './variants.ts';

/** Those that compile masks. */
const compiled = variants.filter((variant) => variant !== 'simd');

/** Shares of zeros on both sides of that from which masks are skipped, channels left without weights among them. */
const SPARSITIES = [0.1, 0.5, 0.97];

test('with masked weights skipped, logits and gradients equal the float64 reference', () => {
  const networks = [...operatorCases.conv2d, ...operatorCases.dense, ...Object.values(wholeNetworks)];
  for (const [index, network] of networks.entries()) {
    const count = [5, 16, 20][index % 3];
    for (const [which, sparsity] of SPARSITIES.entries())
      checkMasked(network, { sparsity, variant: variants[(index + which) % variants.length], count, settled: false });
    checkMasked(network, { sparsity: SPARSITIES[index % 3], variant: compiled[index % compiled.length], count, settled: true });
  }
  for (let seed = 0; seed < 24; seed++) {
    const settled = seed % 2 === 0;
    const [variant] = (settled ? compiled : variants).slice((seed >> 1) % compiled.length);
    checkMasked(randomNetwork(seed), { sparsity: 0.3 + 0.6 * (seed / 24), variant, count: 16, settled });
  }
});

test('masks that stayed for a while are compiled: that changes nothing but rounding, and the same seed gives the same bits', (t) => {
  if (!keepsOrder()) return t.skip('this V8 does not keep the order of such code');
  const network = wholeNetworks['a stack of convolutions'];
  const samples = randomSamples(network.input, 64, 2);
  for (const variant of variants) {
    const train = (steps: number, settled: boolean) => {
      const parameters = masked(anyParameters(network, 11), 0.6);
      const session = createEngine({ variant }).open({ network, encoding, batch: 64, seed: 3, parameters });
      session.freezeZeros();
      if (settled) session.settleMasks();
      for (let step = 0; step < steps; step++) session.trainEpoch(samples, () => ({ learningRate: 1e-5, weightDecay: 0 }));
      return session.read();
    };
    // A step of four blocks each: after 500 of them the masks have stayed.
    const [before, soon, after] = [train(499, false), train(499, true), train(504, false)];
    const distance = (a: Parameters, b: Parameters) =>
      Math.max(...Object.entries(a).flatMap(([layer, { weight }]) => [...(weight ?? [])].map((w, i) => Math.abs(w - b[layer].weight[i]))));
    assert.equal(distance(before, soon) > 0, variant !== 'simd', `${variant}: compiled, or not`);
    assert.ok(distance(before, soon) < 1e-5);
    assert.ok(distance(before, after) < 1e-3);
    assert.deepEqual(train(504, false), after);
  }
});

test('what is too large to be compiled is trained as before', () => {
  const wide = network(
    [4, 4, 1],
    { op: 'conv2d', filters: 60 },
    { op: 'relu' },
    { op: 'conv2d', filters: 40, kernel: [3, 4] },
    { op: 'globalMaxPool' },
    { op: 'dense', units: CLASSES },
  );
  const samples = randomSamples(wide.input, 16, 2);
  const losses = [false, true].map((settled) => {
    const session = createEngine().open({ network: wide, encoding, batch: 16, seed: 3, parameters: masked(anyParameters(wide, 1), 0.5) });
    session.freezeZeros();
    if (settled) session.settleMasks();
    return session.gradients(samples, Uint32Array.from(samples.labels.keys()));
  });
  assert.deepEqual(losses[1], losses[0]);
});

test('in integers, whose sums are exact, compiling masks changes no bit of the loss', () => {
  for (let seed = 0; seed < 12; seed++) {
    const { network: folded, parameters } = foldNetwork(randomNetwork(seed), masked(anyParameters(randomNetwork(seed), seed), 0.7));
    const samples = randomSamples(folded.input, 20, 2);
    const indices = Uint32Array.from(samples.labels.keys());
    const open = (quantized?: QuantizedTraining) =>
      createEngine({ variant: compiled[seed % compiled.length] }).open({
        network: folded,
        encoding,
        batch: 20,
        seed: 3,
        parameters,
        quantized,
      });
    const ranges = open().ranges(samples);
    const losses = [false, true].map((settled) => {
      const session = open({ ranges });
      session.freezeZeros();
      if (settled) session.settleMasks();
      return session.gradients(samples, indices).loss;
    });
    assert.equal(losses[1], losses[0]);
  }
});

test('masks that change are followed', () => {
  const network = wholeNetworks['a stack of convolutions'];
  const samples = randomSamples(network.input, 16, 2);
  const session = createEngine({ variant: 'simd' }).open({ network, encoding, batch: 16, seed: 3 });
  for (const sparsity of [0.3, 0.6, 0.9]) {
    session.write(masked(session.read(), sparsity));
    session.freezeZeros();
    if (sparsity > 0.3) session.settleMasks();
    const parameters = session.read();
    session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
    for (const [layer, { weight }] of Object.entries(session.read())) {
      weight?.forEach((value, i) => {
        assert.equal(value === 0, parameters[layer].weight[i] === 0, `${layer}.weight[${i}] is ${value}`);
      });
    }
  }
});

type Check = { readonly sparsity: number; readonly variant: Variant; readonly count: number; readonly settled: boolean };

function checkMasked(network: Network, { sparsity, variant, count, settled }: Check): void {
  const samples = randomSamples(network.input, count, 3);
  const parameters = masked(anyParameters(network, 11), sparsity);
  const session = createEngine({ variant }).open({ network, encoding, batch: count, seed: 1, parameters });
  session.freezeZeros();
  if (settled) session.settleMasks();
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  const found = session.gradients(samples, indices);
  const expected = reference(network, parameters, encoding, samples, [...indices]);
  if (bends(network, expected.values)) return;
  const where = `${variant}, ${sparsity} zeros, ${count} samples, ${settled ? 'settled' : 'new'}: ${JSON.stringify(network)}`;
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5 * (1 + expected.loss), `loss ${found.loss}, not ${expected.loss}; ${where}`);
  for (const [layer, tensors] of Object.entries(expected.gradients())) {
    // Of the layer: what batch norm makes of a bias is the rounding of what it makes of weights.
    const scale = Math.max(1e-2, ...Object.values(tensors).map((gradient) => gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0)));
    for (const [tensor, gradient] of Object.entries(tensors)) {
      if (tensor === 'mean' || tensor === 'variance') continue;
      gradient.forEach((g, i) => {
        // The gradient of a weight that cannot change is not computed, or not all of it, where masks are skipped.
        const value = found.gradients[layer][tensor][i];
        const skipped = tensor === 'weight' && parameters[layer].weight[i] === 0;
        assert.ok(skipped || Math.abs(value - g) < 1e-4 * scale, `${layer}.${tensor}[${i}] is ${value}, not ${g}; ${where}`);
      });
    }
  }
}

/** A ReLU of a value so near to zero that f32 may see it on the other side. */
const bends = ({ layers }: Network, values: ReadonlyMap<string, readonly number[]>): boolean =>
  layers.some(({ op, inputs }) => op === 'relu' && values.get(inputs[0])!.some((value) => value !== 0 && Math.abs(value) < 1e-6));

function masked(parameters: Parameters, sparsity: number): Parameters {
  const random = createRandom(9);
  return mapTensors(parameters, (values, tensor) =>
    tensor === 'weight' ? values.map((value) => (random.next() < sparsity ? 0 : value)) : values,
  );
}
