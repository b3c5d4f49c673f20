import { type Operator, slidden } from './operator.ts';

export const conv2d: Operator<'conv2d'> = {
  shape: (layer, inputs) => slidden(layer, inputs, layer.filters),
  parameters(layer, [input]) {
    return {
      weight: [layer.filters, ...layer.kernel, input.channels],
      bias: [layer.filters],
    };
  },
  macs(layer, [input]) {
    const output = conv2d.shape(layer, [input]);
    if (typeof output === 'string') return 0;
    return output.height * output.width * layer.filters * layer.kernel[0] * layer.kernel[1] * input.channels;
  },
};
