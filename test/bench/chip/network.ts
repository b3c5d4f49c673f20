import type { Layer, Network } from '../../../server/network/network.ts';

const conv = (name: string, from: string, filters: number): Layer[] => [
  { name, op: 'conv2d', inputs: [from], filters, kernel: [3, 3], stride: [2, 2], padding: 'valid' },
  { name: `${name}_relu`, op: 'relu', inputs: [name] },
];

/** Network T: 28x28 - conv 3x3 s2 x4 - ReLU - conv 3x3 s2 x8 - ReLU - dense 10, without padding. */
export const networkT: Network = {
  input: { height: 28, width: 28, channels: 1 },
  layers: [
    ...conv('first', 'input', 4),
    ...conv('second', 'first_relu', 8),
    { name: 'digits', op: 'dense', inputs: ['second_relu'], units: 10 },
  ],
};
