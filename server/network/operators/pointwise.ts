import { elements } from '../shape.ts';
import { noParameters, type Operator, single } from './operator.ts';

export const relu: Operator<'relu'> = {
  shape: (layer, inputs) => single(layer, inputs) ?? inputs[0],
  parameters: noParameters,
  macs: () => 0,
};

/** Costs nothing at inference: it is folded into the layer before it. */
export const batchNorm: Operator<'batchNorm'> = {
  shape: (layer, inputs) => single(layer, inputs) ?? inputs[0],
  parameters: (_layer, [{ channels }]) => ({
    gamma: [channels],
    beta: [channels],
    mean: [channels],
    variance: [channels],
  }),
  macs: () => 0,
};

export const flatten: Operator<'flatten'> = {
  shape: (layer, inputs) =>
    single(layer, inputs) ?? {
      height: 1,
      width: 1,
      channels: elements(inputs[0]),
    },
  parameters: noParameters,
  macs: () => 0,
};
