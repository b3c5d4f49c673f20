import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../../server/network/network.ts';
import { slide } from '../../server/network/window.ts';
import { createRandom } from '../../server/random.ts';
import { winogradCost } from '../../server/training/operators/winograd/cost.ts';
import { createEngine, type Variant } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomSamples } from './networks.ts';
import { reference } from './reference.ts';
import { mapTensors } from './tensors.ts';
import { variants } from './variants.ts';

/** Of the largest gradient of a tensor: the transforms round more than sums of products do, by a factor of 4 on average. */
const TOLERANCE = 2e-5;

test('convolutions by products equal the float64 reference: all kernels, paddings, and rows that do not fill their tiles', () => {
  const random = createRandom(31);
  let tried = 0;
  for (const taps of [3, 5]) {
    for (const rows of [1, 2, 3, 5]) {
      for (const padding of ['same', 'valid']) {
        for (const first of [true, false]) {
          const of = (width: number) =>
            network(
              [rows + random.integer(4), width, first ? 6 : 2],
              ...(first ? [] : [{ op: 'conv2d' as const, filters: 6, kernel: [1, 1] }, { op: 'relu' as const }]),
              { op: 'conv2d', kernel: [rows, taps], padding, filters: 11 + random.integer(4), name: 'products' },
              ...(random.next() < 0.5 ? [{ op: 'relu' as const }] : []),
              { op: 'flatten' },
              { op: 'dense', units: CLASSES },
            );
          let each: Network;
          do each = of(taps + random.integer(10));
          while (costOf(each) >= 1);
          check(each, variants[++tried % variants.length], [2, 5, 17][random.integer(3)]);
        }
      }
    }
  }
});

test('the same seed gives the same bits, and masks that leave products for taps and back change nothing but rounding', () => {
  const each = network(
    [12, 11, 1],
    { op: 'conv2d', filters: 6, kernel: [5, 5] },
    { op: 'relu' },
    { op: 'conv2d', filters: 8 },
    { op: 'relu' },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  );
  const samples = randomSamples(each.input, 40, 1);
  for (const variant of variants) {
    const train = (masked: boolean) => {
      const random = createRandom(3);
      const parameters = mapTensors(anyParameters(each, 4), (values, tensor) =>
        tensor === 'weight' ? values.map((value) => (random.next() < 0.9 ? 0 : value)) : values,
      );
      const session = createEngine({ variant }).open({ network: each, encoding, batch: 16, seed: 2, parameters });
      if (masked) session.freezeZeros();
      return session.gradients(samples, Uint32Array.from(samples.labels.keys()));
    };
    const [products, taps] = [train(false), train(true)];
    assert.deepEqual(train(false), products);
    assert.ok(Math.abs(products.loss - taps.loss) < 1e-5);
    assert.notDeepEqual(products.gradients, taps.gradients);
    for (const [layer, tensors] of Object.entries(taps.gradients)) {
      for (const [tensor, values] of Object.entries(tensors)) {
        const scale = products.gradients[layer][tensor].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
        // What is masked has no gradient where taps are listed.
        values.forEach((value, i) => {
          const error = Math.abs(value - products.gradients[layer][tensor][i]);
          assert.ok(value === 0 || error < TOLERANCE * scale, `${layer}.${tensor}[${i}]: ${value}, off by ${error}`);
        });
      }
    }
  }
});

test('products serve kernels of 3 and 5 columns, without steps or dilation, and enough channels', () => {
  const cost = (kernel: [number, number], stride: [number, number], dilation: [number, number], channels: number) => {
    const window = slide({ height: 20, width: 20, channels }, kernel, stride, 'same', dilation);
    assert.ok(typeof window !== 'string');
    return winogradCost(window, channels, 8);
  };
  assert.ok(cost([3, 3], [1, 1], [1, 1], 8) < 0.7);
  assert.ok(cost([5, 5], [1, 1], [1, 1], 8) < 0.55);
  assert.ok(cost([1, 3], [1, 1], [1, 1], 1) > 1);
  assert.equal(cost([3, 4], [1, 1], [1, 1], 8), Number.POSITIVE_INFINITY);
  assert.equal(cost([3, 3], [2, 2], [1, 1], 8), Number.POSITIVE_INFINITY);
  assert.equal(cost([3, 3], [1, 1], [2, 2], 8), Number.POSITIVE_INFINITY);
});

function costOf(of: Network): number {
  const layer = of.layers.find(({ name }) => name === 'products')!;
  assert.ok(layer.op === 'conv2d');
  const window = slide(of.input, layer.kernel, layer.stride, layer.padding);
  assert.ok(typeof window !== 'string');
  return winogradCost(window, 6, layer.filters);
}

function check(each: Network, variant: Variant, count: number): void {
  const samples = randomSamples(each.input, count, 3);
  const parameters = anyParameters(each, 11);
  const session = createEngine({ variant }).open({ network: each, encoding, batch: count, seed: 1, parameters });
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  const found = session.gradients(samples, indices);
  const expected = reference(each, parameters, encoding, samples, [...indices]);
  const where = `${variant}, ${count} samples: ${JSON.stringify(each)}`;
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5 * (1 + expected.loss), `loss ${found.loss}, not ${expected.loss}; ${where}`);
  for (const [layer, tensors] of Object.entries(expected.gradients())) {
    for (const [tensor, gradient] of Object.entries(tensors)) {
      const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-2);
      gradient.forEach((g, i) => {
        const error = Math.abs(found.gradients[layer][tensor][i] - g) / scale;
        assert.ok(error < TOLERANCE, `${layer}.${tensor}[${i}] is ${found.gradients[layer][tensor][i]}, not ${g}; ${where}`);
      });
    }
  }
}
