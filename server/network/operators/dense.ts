import { elements } from '../shape.ts';
import { type Operator, single } from './operator.ts';

/** Reads a map of any shape as one vector, in height, width, channel order. */
export const dense: Operator<'dense'> = {
  shape(layer, inputs) {
    return single(layer, inputs) ?? { height: 1, width: 1, channels: layer.units };
  },
  parameters(layer, [input]) {
    return { weight: [layer.units, elements(input)], bias: [layer.units] };
  },
  macs(layer, [input]) {
    return layer.units * elements(input);
  },
};
