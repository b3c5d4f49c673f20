import assert from 'node:assert/strict';
import type { Network } from '../../../server/network/network.ts';
import type { TensorflowEngine } from '../../../server/training/tensorflow/engine.ts';
import { createEngine } from '../../../server/training/wasm.ts';
import { anyParameters, encoding, operatorCases, randomNetwork, randomSamples, wholeNetworks } from '../networks.ts';
import { testBoth } from './library.ts';

const first = createEngine({ variant: 'simd' });

for (const [op, networks] of Object.entries(operatorCases)) {
  testBoth(`${op}: losses and gradients equal the first engine's`, ({ engine }) => {
    for (const [index, network] of networks.entries()) compare(engine, network, [5, 18][index % 2]);
  });
}

for (const [name, network] of Object.entries(wholeNetworks)) {
  testBoth(`${name}: losses and gradients equal the first engine's for whole and partial blocks`, ({ engine }) => {
    for (const batch of [5, 16, 20, 64]) compare(engine, network, batch);
  });
}

testBoth("random networks: losses and gradients equal the first engine's", ({ engine }) => {
  for (let seed = 0; seed < 24; seed++) compare(engine, randomNetwork(seed), [3, 16, 18][seed % 3]);
});

/** Relative to the largest gradient of the same tensor: both sum in float32, in different orders. */
const TOLERANCE = 2e-4;

function compare(engine: TensorflowEngine, network: Network, batch: number): void {
  const samples = randomSamples(network.input, batch, 3);
  const options = { network, encoding, batch, seed: 1, parameters: anyParameters(network, 11) };
  const indices = Uint32Array.from({ length: batch }, (_, i) => (i * 7 + 2) % batch);
  const expected = first.open(options).gradients(samples, indices);
  const session = engine.open(options);
  const found = session.gradients(samples, indices);
  session.close();
  const where = `batch ${batch}: ${JSON.stringify(network)}`;
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5 * (1 + expected.loss), `loss ${found.loss}, not ${expected.loss}; ${where}`);
  for (const [layer, tensors] of Object.entries(expected.gradients)) {
    for (const [tensor, gradient] of Object.entries(tensors)) {
      if (tensor === 'mean' || tensor === 'variance') continue;
      const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-2);
      gradient.forEach((g, i) => {
        const error = Math.abs(found.gradients[layer][tensor][i] - g) / scale;
        assert.ok(error < TOLERANCE, `${layer}.${tensor}[${i}] is ${found.gradients[layer][tensor][i]}, not ${g}; ${where}`);
      });
    }
  }
}
