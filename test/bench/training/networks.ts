import { macCount } from '../../../server/network/check.ts';
import type { Network } from '../../../server/network/network.ts';

/** The networks of the bench; the peer has the same (`peer.py`). */
export const networks = { A: networkA(), B: networkB(), C: networkC() } satisfies { [name: string]: Network };
export type NetworkName = keyof typeof networks;

/** Floating-point operations of training with one image: forward, weights' and inputs' gradients; the first layer needs no input gradient. */
export function operations(network: Network): number {
  const [first] = network.layers;
  const alone = { ...network, layers: [first] };
  return 2 * (3 * macCount(network) - macCount(alone));
}

/** With batch norm after every convolution. */
export function normalised({ input, layers }: Network): Network {
  const after = (name: string) => (layers.find((layer) => layer.name === name)?.op === 'conv2d' ? `${name}-norm` : name);
  return {
    input,
    layers: layers.flatMap((layer) => {
      const moved = { ...layer, inputs: layer.inputs.map(after) };
      return layer.op === 'conv2d' ? [moved, { name: `${layer.name}-norm`, op: 'batchNorm', inputs: [layer.name] }] : [moved];
    }),
  };
}

function networkA(): Network {
  return {
    input: { height: 28, width: 28, channels: 1 },
    layers: [
      { name: 'conv1', op: 'conv2d', inputs: ['input'], filters: 8, kernel: [5, 5], stride: [1, 1], padding: 'valid' },
      { name: 'relu1', op: 'relu', inputs: ['conv1'] },
      { name: 'pool1', op: 'maxPool', inputs: ['relu1'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
      { name: 'conv2', op: 'conv2d', inputs: ['pool1'], filters: 16, kernel: [3, 3], stride: [1, 1], padding: 'valid' },
      { name: 'relu2', op: 'relu', inputs: ['conv2'] },
      { name: 'pool2', op: 'maxPool', inputs: ['relu2'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
      { name: 'dense', op: 'dense', inputs: ['pool2'], units: 10 },
    ],
  };
}

function networkB(): Network {
  return {
    input: { height: 32, width: 32, channels: 3 },
    layers: [
      { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 16, kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'relu', op: 'relu', inputs: ['conv'] },
      { name: 'depthwise1', op: 'depthwise', inputs: ['relu'], kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'point1', op: 'conv2d', inputs: ['depthwise1'], filters: 32, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu1', op: 'relu', inputs: ['point1'] },
      { name: 'depthwise2', op: 'depthwise', inputs: ['relu1'], kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'point2', op: 'conv2d', inputs: ['depthwise2'], filters: 32, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu2', op: 'relu', inputs: ['point2'] },
      { name: 'pool', op: 'globalAveragePool', inputs: ['relu2'] },
      { name: 'dense', op: 'dense', inputs: ['pool'], units: 10 },
    ],
  };
}

function networkC(): Network {
  return {
    input: { height: 28, width: 28, channels: 1 },
    layers: [
      { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 4, kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'relu', op: 'relu', inputs: ['conv'] },
      { name: 'depthwise1', op: 'depthwise', inputs: ['relu'], kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'point1', op: 'conv2d', inputs: ['depthwise1'], filters: 8, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu1', op: 'relu', inputs: ['point1'] },
      { name: 'depthwise2', op: 'depthwise', inputs: ['relu1'], kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'point2', op: 'conv2d', inputs: ['depthwise2'], filters: 12, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu2', op: 'relu', inputs: ['point2'] },
      { name: 'pool', op: 'globalAveragePool', inputs: ['relu2'] },
      { name: 'dense', op: 'dense', inputs: ['pool'], units: 10 },
    ],
  };
}
