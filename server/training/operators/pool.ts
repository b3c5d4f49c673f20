import type { OpName } from '../../network/network.ts';
import type { Shape } from '../../network/shape.ts';
import { type CommandName, command } from '../encode.ts';
import type { Node } from '../nodes.ts';
import { extent, plane, type TrainingOperator } from './operator.ts';
import { windowOf } from './sliding.ts';

type PoolName = Extract<OpName, 'maxPool' | 'averagePool' | 'globalMaxPool' | 'globalAveragePool'>;

export const maxPool = pooling('maxPool', 'maxPoolGradient') as TrainingOperator<'maxPool'>;
export const globalMaxPool = pooling('maxPool', 'maxPoolGradient') as TrainingOperator<'globalMaxPool'>;
export const averagePool = pooling('averagePool', 'averagePoolGradient') as TrainingOperator<'averagePool'>;
export const globalAveragePool = pooling('averagePool', 'averagePoolGradient') as TrainingOperator<'globalAveragePool'>;

function pooling(
  kernel: Extract<CommandName, 'maxPool' | 'averagePool'>,
  gradientKernel: Extract<CommandName, 'maxPoolGradient' | 'averagePoolGradient'>,
): TrainingOperator<PoolName> {
  return {
    forward({ layer, inputs, output }, { relu }) {
      const [input] = inputs;
      const window = windowFields(layer, input.shape);
      return [
        {
          channels: input.shape.channels,
          reads: input.value,
          writes: output.value,
          part: (first, count) =>
            command(kernel, {
              ...plane('output', output.value, first),
              ...plane('input', input.value, first),
              ...window,
              channels: count,
              ...extent(output.shape),
              relu: Number(relu),
            }),
        },
      ];
    },

    backward({ layer, inputs, output }, _index, target) {
      const [input] = inputs;
      const window = windowFields(layer, input.shape);
      return [
        {
          channels: input.shape.channels,
          reads: output.gradient,
          writes: target,
          part: (first, count) =>
            command(gradientKernel, {
              ...plane('inputGradient', target, first),
              ...plane('input', input.value, first),
              ...plane('output', output.value, first),
              ...plane('gradient', output.gradient!, first),
              ...window,
              channels: count,
              ...extent(output.shape),
              gate: Number(input.relu),
            }),
        },
      ];
    },
  };
}

function windowFields(layer: Node<PoolName>['layer'], input: Shape) {
  const inputs = { inputRows: input.height, inputColumns: input.width };
  if (!('kernel' in layer))
    return { ...inputs, kernelY: input.height, kernelX: input.width, strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft } = windowOf(layer, input);
  return { ...inputs, kernelY, kernelX, strideY, strideX, padTop, padLeft };
}
