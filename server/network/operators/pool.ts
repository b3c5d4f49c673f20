import type { LayerOf } from '../network.ts';
import type { Shape } from '../shape.ts';
import { noParameters, type Operator, single, slidden } from './operator.ts';

const pooled = (layer: LayerOf<'maxPool' | 'averagePool'>, inputs: readonly Shape[]): Shape | string =>
  slidden(layer, inputs, inputs[0]?.channels);

function globallyPooled(layer: LayerOf<'globalMaxPool'>, inputs: readonly Shape[]): Shape | string {
  return (
    single(layer, inputs) ?? {
      height: 1,
      width: 1,
      channels: inputs[0].channels,
    }
  );
}

export const maxPool: Operator<'maxPool'> = {
  shape: pooled,
  parameters: noParameters,
  macs: () => 0,
};
export const averagePool: Operator<'averagePool'> = {
  shape: pooled,
  parameters: noParameters,
  macs: () => 0,
};
export const globalMaxPool: Operator<'globalMaxPool'> = {
  shape: globallyPooled,
  parameters: noParameters,
  macs: () => 0,
};
export const globalAveragePool: Operator<'globalAveragePool'> = {
  shape: globallyPooled,
  parameters: noParameters,
  macs: () => 0,
};
