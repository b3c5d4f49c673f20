import { formatShape, sameShape } from '../shape.ts';
import { noParameters, type Operator } from './operator.ts';

export const add: Operator<'add'> = {
  shape(_layer, inputs) {
    if (inputs.length < 2) return 'add needs at least two inputs';
    const other = inputs.find((shape) => !sameShape(shape, inputs[0]));
    return other ? `add needs inputs of one shape, not ${formatShape(inputs[0])} and ${formatShape(other)}` : inputs[0];
  },
  parameters: noParameters,
  macs: () => 0,
};

/** Joins channels. */
export const concat: Operator<'concat'> = {
  shape(_layer, inputs) {
    if (inputs.length < 2) return 'concat needs at least two inputs';
    const [{ height, width }] = inputs;
    const other = inputs.find((shape) => shape.height !== height || shape.width !== width);
    if (other) return `concat needs inputs of one height and width, not ${formatShape(inputs[0])} and ${formatShape(other)}`;
    return {
      height,
      width,
      channels: inputs.reduce((sum, shape) => sum + shape.channels, 0),
    };
  },
  parameters: noParameters,
  macs: () => 0,
};
