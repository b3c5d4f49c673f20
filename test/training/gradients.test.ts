import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../../server/network/network.ts';
import { createEngine, type Variant } from '../../server/training/wasm.ts';
import { anyParameters, encoding, operatorCases, randomNetwork, randomSamples, wholeNetworks } from './networks.ts';
import { reference } from './reference.ts';
import { variants } from './variants.ts';

for (const [op, networks] of Object.entries(operatorCases)) {
  test(`${op}: gradients equal the float64 reference`, () => {
    for (const [index, network] of networks.entries()) for (const variant of variants) checkGradients(network, variant, [5, 16][index % 2]);
  });
}

for (const [name, network] of Object.entries(wholeNetworks)) {
  test(`${name}: gradients equal the float64 reference for whole and partial blocks`, () => {
    for (const variant of variants) for (const batch of [5, 16, 20, 64]) checkGradients(network, variant, batch);
  });
}

test('random networks: gradients equal the float64 reference', () => {
  for (let seed = 0; seed < 24; seed++) checkGradients(randomNetwork(seed), variants[seed % variants.length], [3, 16, 18][seed % 3]);
});

function checkGradients(network: Network, variant: Variant, batch: number): void {
  const samples = randomSamples(network.input, batch, 3);
  const parameters = anyParameters(network, 11);
  const session = createEngine({ variant }).open({ network, encoding, batch, seed: 1, parameters });
  const indices = Uint32Array.from({ length: batch }, (_, i) => (i * 7 + 2) % batch);
  const found = session.gradients(samples, indices);
  const expected = reference(network, parameters, encoding, samples, [...indices]);
  const where = `${variant}, batch ${batch}: ${JSON.stringify(network)}`;
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5 * (1 + expected.loss), `loss ${found.loss}, not ${expected.loss}; ${where}`);
  for (const [layer, tensors] of Object.entries(expected.gradients())) {
    for (const [tensor, gradient] of Object.entries(tensors)) {
      if (tensor === 'mean' || tensor === 'variance') continue;
      const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-2);
      gradient.forEach((g, i) => {
        const error = Math.abs(found.gradients[layer][tensor][i] - g) / scale;
        assert.ok(error < 1e-4, `${layer}.${tensor}[${i}] is ${found.gradients[layer][tensor][i]}, not ${g}; ${where}`);
      });
    }
  }
}
