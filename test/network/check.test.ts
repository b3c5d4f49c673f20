import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork, macCount, parameterCount, shapesOf } from '../../server/network/check.ts';
import { INPUT, type Layer, type Network } from '../../server/network/network.ts';
import { operators } from '../../server/network/operators/table.ts';
import { formatShape } from '../../server/network/shape.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork, randomParameters } from '../support/networks.ts';

const input = { height: 8, width: 6, channels: 3 };
const conv = (name: string, from: string, filters = 4) =>
  ({ name, op: 'conv2d', inputs: [from], filters, kernel: [3, 3], stride: [1, 1], padding: 'same' }) as const;
const plain = (name: string, op: 'relu' | 'batchNorm' | 'add' | 'concat' | 'flatten', ...inputs: string[]) =>
  ({ name, op, inputs }) as Layer;
const dense = (name: string, from: string) => ({ name, op: 'dense', inputs: [from], units: 5 }) as const;

const faulty: [what: string, layers: Layer[], layer: number, message: RegExp][] = [
  ['nothing', [], 0, /at least one layer/],
  ['one name twice', [conv('a', INPUT), conv('a', 'a')], 1, /two layers are named a/],
  ['a reader before its source', [conv('a', 'b'), conv('b', INPUT)], 0, /no layer before this one is named b/],
  [
    'a kernel larger than its input',
    [{ ...conv('a', INPUT), kernel: [9, 3], padding: 'valid' }],
    0,
    /9x3 kernel is larger than its 8x6 input/,
  ],
  ['a sum of two shapes', [conv('a', INPUT), plain('s', 'add', INPUT, 'a')], 1, /inputs of one shape, not 8x6x3 and 8x6x4/],
  ['a sum of one', [conv('a', INPUT), plain('s', 'add', 'a')], 1, /at least two inputs/],
  ['a join of two sizes', [{ ...conv('a', INPUT), stride: [2, 2] }, plain('j', 'concat', INPUT, 'a')], 1, /one height and width/],
  ['batch norm on the input', [plain('n', 'batchNorm', INPUT), dense('d', 'n')], 0, /must follow a convolution or a dense layer/],
  [
    'batch norm beside another reader',
    [conv('a', INPUT), plain('n', 'batchNorm', 'a'), plain('s', 'add', 'a', 'n'), dense('d', 's')],
    1,
    /only layer that reads a/,
  ],
  ['a convolution after flatten', [plain('f', 'flatten', INPUT), conv('a', 'f')], 1, /only a dense layer may follow flatten/],
  ['flatten at the end', [conv('a', INPUT), plain('f', 'flatten', 'a')], 1, /flatten needs a dense layer/],
  ['a layer that nothing reads', [conv('a', INPUT), dense('d', INPUT)], 0, /nothing reads a/],
  ['an output beyond all bounds', [conv('a', INPUT, 1 << 20)], 0, /at most 16777216/],
];

for (const [what, layers, layer, message] of faulty) {
  test(`a fault: ${what}`, () => {
    const { faults } = checkNetwork({ input, layers });
    assert.equal(faults[0]?.layer, layer, JSON.stringify(faults));
    assert.match(faults[0].message, message);
  });
}

test('a layer that cannot be shaped is the only one told of', () => {
  const layers = [plain('s', 'add', INPUT), conv('a', 's'), dense('d', 'a')];
  assert.deepEqual(
    checkNetwork({ input, layers }).faults.map(({ layer }) => layer),
    [0],
  );
});

test('shapes, parameters and multiply-accumulates of a network known by hand', () => {
  const network: Network = {
    input: { height: 28, width: 28, channels: 1 },
    layers: [
      { name: 'a', op: 'conv2d', inputs: [INPUT], filters: 4, kernel: [3, 3], stride: [2, 2], padding: 'valid' },
      plain('r', 'relu', 'a'),
      { name: 'b', op: 'conv2d', inputs: ['r'], filters: 8, kernel: [3, 3], stride: [2, 2], padding: 'valid' },
      { name: 'd', op: 'dense', inputs: ['b'], units: 10 },
    ],
  };
  assert.deepEqual([...shapesOf(network).values()].map(formatShape), ['28x28x1', '13x13x4', '13x13x4', '6x6x8', '1x1x10']);
  assert.equal(parameterCount(network), 3226);
  assert.equal(macCount(network), 19332);
});

test('parameters are counted as they are held, for every operator', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 150; seed++) {
    const random = createRandom(seed);
    const network = randomNetwork(random);
    for (const layer of network.layers) seen.add(layer.op);
    const held = Object.entries(randomParameters(network, random))
      .filter(([name]) => network.layers.find((layer) => layer.name === name)?.op !== 'batchNorm')
      .flatMap(([, tensors]) => Object.values(tensors))
      .reduce((sum, values) => sum + values.length, 0);
    assert.equal(parameterCount(network), held);
  }
  assert.deepEqual([...seen].sort(), Object.keys(operators).sort(), 'every operator occurs in the random networks');
});
