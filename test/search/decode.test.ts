import assert from 'node:assert/strict';
import { test } from 'node:test';
import { macCount, parameterCount } from '../../server/network/check.ts';
import type { Network } from '../../server/network/network.ts';
import { decode } from '../../server/search/decode.ts';
import type { Architecture, ConvLayer } from '../../server/search/genotype.ts';

const conv: ConvLayer = { type: 'conv2d', kernel: 3, filters: 4, stride: 1, padding: 'same', batchNorm: false };
const plain: Architecture = { blocks: [{ layers: [conv], residual: false }], branches: [], head: 'globalAverage', dense: [] };
const image = { height: 12, width: 12, channels: 3 };

test('a convolution, its ReLU, the vector and the logits', () => {
  assert.deepEqual(sketch(plain), ['conv1_1 3x3 ← input', 'conv1_1_relu ← conv1_1', 'average ← conv1_1_relu', 'logits ← average']);
});

test('separable is depthwise then 1x1, each normed and clamped', () => {
  assert.deepEqual(
    sketch({ ...plain, blocks: [{ layers: [{ ...conv, type: 'separable', stride: 2, batchNorm: true }], residual: false }] }).slice(0, 6),
    [
      'conv1_1_depthwise 3x3/2 ← input',
      'conv1_1_depthwise_norm ← conv1_1_depthwise',
      'conv1_1_depthwise_norm_relu ← conv1_1_depthwise_norm',
      'conv1_1 1x1 ← conv1_1_depthwise_norm_relu',
      'conv1_1_norm ← conv1_1',
      'conv1_1_norm_relu ← conv1_1_norm',
    ],
  );
});

test('a bottleneck reduces channels first, where there are channels to reduce', () => {
  const architecture: Architecture = { ...plain, blocks: [{ layers: [{ ...conv, type: 'bottleneck', reduction: 2 }], residual: false }] };
  const network = decode(architecture, image, 2) as Network;
  assert.deepEqual(network.layers[0], {
    op: 'conv2d',
    name: 'conv1_1_reduce',
    inputs: ['input'],
    filters: 2,
    kernel: [1, 1],
    stride: [1, 1],
    padding: 'valid',
  });
  assert.deepEqual(sketch(architecture, { ...image, channels: 1 })[0], 'conv1_1 3x3 ← input');
});

test('bits are those of every layer of a gene, and of all dense layers; where they are not searched no layer says any', () => {
  const layers = [
    { ...conv, type: 'separable', bits: 4 } as const,
    { ...conv, type: 'bottleneck', reduction: 2, bits: 'ternary' } as const,
  ];
  const architecture: Architecture = { ...plain, blocks: [{ layers, residual: false }], dense: [7], denseBits: 2 };
  const bitsOf = (network: Network) => network.layers.flatMap((layer) => ('bits' in layer ? [`${layer.name} ${layer.bits}`] : []));
  assert.deepEqual(bitsOf(decode(architecture, image, 2) as Network), [
    'conv1_1_depthwise 4',
    'conv1_1 4',
    'conv1_2_reduce ternary',
    'conv1_2 ternary',
    'dense1 2',
    'logits 2',
  ]);
  assert.deepEqual(bitsOf(decode(plain, image, 2) as Network), []);
});

test('a residual bridges the last two convolutions, before the last ReLU', () => {
  const architecture: Architecture = { ...plain, blocks: [{ layers: [conv, conv, conv], residual: true, pool: { type: 'max', size: 2 } }] };
  assert.deepEqual(sketch(architecture).slice(4, 8), [
    'conv1_3 3x3 ← conv1_2_relu',
    'add1 ← conv1_3 conv1_1_relu',
    'add1_relu ← add1',
    'pool1 2x2/2 ← add1_relu',
  ]);
  const over = { ...plain, blocks: [{ layers: [conv, { ...conv, filters: 5 }, { ...conv, filters: 6 }], residual: true }] };
  assert.match(String(decode(over, image, 2)), /add needs inputs of one shape/);
  assert.match(String(decode({ ...plain, blocks: [{ layers: [conv], residual: true }] }, image, 2)), /two layers/);
});

test('branches are joined to a pooled trunk, and summed with a flattened one', () => {
  const branches = [
    { from: 0, units: 5 },
    { from: 1, units: 6 },
  ];
  const joined = decode({ ...plain, branches, dense: [7] }, image, 2) as Network;
  assert.deepEqual(joined.layers.find((layer) => layer.op === 'concat')?.inputs, ['average', 'branch0_relu', 'branch1_relu']);
  assert.equal(parameterCount(joined), 4 * 28 + (5 + 5 * 432) + (6 + 6 * 576) + (7 + 7 * 15) + (2 + 2 * 7));
  const summed = decode({ ...plain, branches, head: 'flatten' }, image, 2) as Network;
  assert.deepEqual(summed.layers.at(-1), {
    op: 'add',
    name: 'logits',
    inputs: ['logits_flat', 'logits_branch0_relu', 'logits_branch1_relu'],
  });
  assert.equal(macCount(summed), 4 * 27 * 144 + 5 * 432 + 6 * 576 + 2 * (576 + 5 + 6));
  assert.match(String(decode({ ...plain, branches: [{ from: 2, units: 5 }] }, image, 2)), /no block 2/);
});

test('kernels, strides and pools shrink to a series and to what is left of a map', () => {
  const wide: ConvLayer = { ...conv, kernel: 5, stride: 2, padding: 'valid' };
  const architecture: Architecture = {
    ...plain,
    downsample: { type: 'average', size: 3 },
    blocks: [{ layers: [wide, wide, wide], residual: false, pool: { type: 'max', size: 4 } }],
  };
  const network = decode(architecture, { height: 40, width: 1, channels: 2 }, 2) as Network;
  const windows = network.layers.flatMap((layer) => ('kernel' in layer ? [[...layer.kernel, ...layer.stride]] : []));
  assert.deepEqual(windows, [
    [3, 1, 3, 1],
    [5, 1, 2, 1],
    [5, 1, 2, 1],
    [1, 1, 1, 1],
  ]);
});

test("the network of the paper's Figure 1(a), by its sizes before pruning", () => {
  const architecture: Architecture = {
    blocks: [{ layers: [{ ...conv, kernel: 5, filters: 50, padding: 'valid' }], residual: false, pool: { type: 'max', size: 2 } }],
    branches: [{ from: 1, units: 41 }],
    head: 'flatten',
    dense: [],
  };
  const network = decode(architecture, { height: 32, width: 32, channels: 1 }, 2) as Network;
  assert.equal(macCount(network), 50 * 25 * 784 + 41 * 9800 + 2 * 9841);
  assert.equal(parameterCount(network) - 2, 1300 + 401841 + 19684, 'one bias more than the concatenation: the sum has one for each part');
});

/** One line for each layer: name, kernel, stride, inputs. */
function sketch(architecture: Architecture, input = image): string[] {
  const network = decode(architecture, input, 2);
  if (typeof network === 'string') throw new Error(network);
  return network.layers.map((layer) => {
    const stride = 'kernel' in layer && layer.stride[0] > 1 ? `/${layer.stride[0]}` : '';
    const window = 'kernel' in layer ? ` ${layer.kernel.join('x')}${stride}` : '';
    return `${layer.name}${window} ← ${layer.inputs.join(' ')}`;
  });
}
