import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { inheritParameters } from '../../server/training/inherit.ts';
import { initialParameters } from '../../server/training/initial.ts';
import { anyParameters, network, randomNetwork } from './networks.ts';

const sized = (filters: number, kernel: [number, number], extent: number) =>
  network(
    [extent, extent, 2],
    { op: 'conv2d', filters, kernel, name: 'a' },
    { op: 'batchNorm', name: 'n' },
    { op: 'relu' },
    { op: 'depthwise', kernel, name: 'd' },
    { op: 'flatten' },
    { op: 'dense', units: 3, name: 'out' },
  );

test('a network inherits all of its own parameters', () => {
  for (let seed = 0; seed < 10; seed++) {
    const each = randomNetwork(seed);
    const parameters = anyParameters(each, seed);
    assert.deepEqual(inheritParameters(each, { network: each, parameters }, createRandom(1)), parameters);
  }
});

test('of tensors of another extent the common part is inherited, the rest is initial', () => {
  for (const [from, to] of [
    [sized(4, [3, 3], 6), sized(6, [3, 3], 6)],
    [sized(6, [3, 2], 6), sized(4, [2, 3], 6)],
  ]) {
    const parameters = anyParameters(from, 2);
    const found = inheritParameters(to, { network: from, parameters }, createRandom(1));
    const initial = initialParameters(to, createRandom(1));
    const [old, own] = [from, to].map(({ layers }) => {
      const conv = layers[0] as { filters: number; kernel: readonly [number, number] };
      return [conv.filters, ...conv.kernel, 2];
    });
    let inherited = 0;
    for (let f = 0; f < own[0]; f++)
      for (let y = 0; y < own[1]; y++)
        for (let x = 0; x < own[2]; x++)
          for (let c = 0; c < own[3]; c++) {
            const at = ([, h, w, d]: number[]) => ((f * h + y) * w + x) * d + c;
            const common = f < old[0] && y < old[1] && x < old[2];
            inherited += Number(common);
            assert.equal(found.a.weight[at(own)], common ? parameters.a.weight[at(old)] : initial.a.weight[at(own)]);
          }
    assert.ok(inherited > 0);
    const kept = Math.min(old[0], own[0]);
    assert.deepEqual(found.n.variance.subarray(0, kept), parameters.n.variance.subarray(0, kept));
  }
});
