import { slide } from '../window.ts';
import { type Operator, single } from './operator.ts';

export const depthwise: Operator<'depthwise'> = {
  shape(layer, inputs) {
    const window = single(layer, inputs) ?? slide(inputs[0], layer.kernel, layer.stride, layer.padding);
    return typeof window === 'string'
      ? window
      : {
          height: window.rows,
          width: window.columns,
          channels: inputs[0].channels,
        };
  },
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
