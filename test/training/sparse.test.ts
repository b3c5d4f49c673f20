import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network, Parameters } from '../../server/network/network.ts';
import { createRandom } from '../../server/random.ts';
import { createEngine, hasRelaxed, type Variant } from '../../server/training/wasm.ts';
import { anyParameters, encoding, operatorCases, randomNetwork, randomSamples, wholeNetworks } from './networks.ts';
import { reference } from './reference.ts';
import { mapTensors } from './tensors.ts';

const variants: Variant[] = ['simd', ...(hasRelaxed() ? (['relaxed'] as const) : [])];

/** Shares of zeros on both sides of that from which masks are skipped, channels left without weights among them. */
const SPARSITIES = [0.1, 0.5, 0.97];

test('with masked weights skipped, logits and gradients equal the float64 reference', () => {
  const networks = [...operatorCases.conv2d, ...operatorCases.dense, ...Object.values(wholeNetworks)];
  for (const [index, network] of networks.entries()) {
    for (const [which, sparsity] of SPARSITIES.entries()) {
      checkMasked(network, sparsity, variants[(index + which) % variants.length], [5, 16, 20][index % 3]);
    }
  }
  for (let seed = 0; seed < 20; seed++) checkMasked(randomNetwork(seed), 0.3 + 0.6 * (seed / 20), variants[seed % variants.length], 16);
});

test('masks that change are followed', () => {
  const network = wholeNetworks['a stack of convolutions'];
  const samples = randomSamples(network.input, 16, 2);
  const session = createEngine({ variant: 'simd' }).open({ network, encoding, batch: 16, seed: 3 });
  for (const sparsity of [0.3, 0.6, 0.9]) {
    session.write(masked(session.read(), sparsity));
    session.freezeZeros();
    const parameters = session.read();
    session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
    for (const [layer, { weight }] of Object.entries(session.read())) {
      weight?.forEach((value, i) => {
        assert.equal(value === 0, parameters[layer].weight[i] === 0, `${layer}.weight[${i}] is ${value}`);
      });
    }
  }
});

function checkMasked(network: Network, sparsity: number, variant: Variant, count: number): void {
  const samples = randomSamples(network.input, count, 3);
  const parameters = masked(anyParameters(network, 11), sparsity);
  const session = createEngine({ variant }).open({ network, encoding, batch: count, seed: 1, parameters });
  session.freezeZeros();
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  const found = session.gradients(samples, indices);
  const expected = reference(network, parameters, encoding, samples, [...indices]);
  if (bends(network, expected.values)) return;
  const where = `${variant}, ${sparsity} zeros, ${count} samples: ${JSON.stringify(network)}`;
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5 * (1 + expected.loss), `loss ${found.loss}, not ${expected.loss}; ${where}`);
  for (const [layer, tensors] of Object.entries(expected.gradients())) {
    for (const [tensor, gradient] of Object.entries(tensors)) {
      if (tensor === 'mean' || tensor === 'variance') continue;
      const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-2);
      gradient.forEach((g, i) => {
        // The gradient of a weight that cannot change is not computed where masks are skipped.
        const value = found.gradients[layer][tensor][i];
        const skipped = tensor === 'weight' && parameters[layer].weight[i] === 0 && value === 0;
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
