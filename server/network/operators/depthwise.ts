import { type Operator, slidden } from './operator.ts';

export const depthwise: Operator<'depthwise'> = {
  shape: (layer, inputs) => slidden(layer, inputs, inputs[0]?.channels),
  parameters(layer, [input]) {
    return {
      weight: [...layer.kernel, input.channels],
      bias: [input.channels],
    };
  },
  macs(layer, [input]) {
    const output = depthwise.shape(layer, [input]);
    if (typeof output === 'string') return 0;
    return output.height * output.width * input.channels * layer.kernel[0] * layer.kernel[1];
  },
};
