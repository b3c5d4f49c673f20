import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network, Parameters } from '../../server/network/network.ts';
import { operators } from '../../server/network/operators/table.ts';
import { createRandom } from '../../server/random.ts';
import { anyParameters, encoding, operatorCases, randomSamples, wholeNetworks } from './networks.ts';
import { reference } from './reference.ts';
import { mapTensors } from './tensors.ts';

test('every operator has cases', () => assert.deepEqual(Object.keys(operatorCases).sort(), Object.keys(operators).sort()));

for (const op of Object.keys(operators) as (keyof typeof operators)[]) {
  test(`${op}: the reference's gradients equal central differences`, () => {
    for (const network of operatorCases[op]) checkDifferences(network, 1);
  });
}

test("the reference's gradients equal central differences on whole networks", () => {
  for (const network of Object.values(wholeNetworks)) checkDifferences(network, 2);
});

/** Tries a few weights of every tensor. Where a ReLU or a maximum turns within the step, the difference is no derivative: two steps must agree. */
function checkDifferences(network: Network, tries: number): void {
  const samples = randomSamples(network.input, 2, 8);
  const parameters = mapTensors(anyParameters(network, 4), (values) => Float64Array.from(values));
  const random = createRandom(2);
  const run = () => reference(network, parameters as unknown as Parameters, encoding, samples, [0, 1]);
  const gradients = run().gradients();
  for (const [layer, tensors] of Object.entries(parameters)) {
    for (const [tensor, values] of Object.entries(tensors)) {
      if (tensor === 'mean' || tensor === 'variance') continue;
      for (let i = 0; i < tries; i++) {
        const index = random.integer(values.length);
        const [wide, narrow] = [1e-4, 5e-5].map((step) => difference(values, index, step, () => run().loss));
        const error = Math.abs(narrow - gradients[layer][tensor][index]);
        const bent = Math.abs(wide - narrow) > 1e-6;
        assert.ok(
          bent || error < 1e-6 * (1 + Math.abs(narrow)),
          `${layer}.${tensor}[${index}]: ${narrow}, not ${gradients[layer][tensor][index]}`,
        );
      }
    }
  }
}

function difference(values: Float64Array, index: number, step: number, loss: () => number): number {
  const kept = values[index];
  values[index] = kept + step;
  const above = loss();
  values[index] = kept - step;
  const below = loss();
  values[index] = kept;
  return (above - below) / (2 * step);
}
