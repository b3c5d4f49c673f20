import { inputShapes, shapesOf } from '../network/check.ts';
import type { Network, Parameters } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import type { Random } from '../random.ts';

/**
 * Weights normal with deviation sqrt(2 / fan in) (He et al. 2015), biases zero, batch norm the identity. Each layer draws from a stream
 * of its own, so that one layer's weights do not depend on which others there are.
 */
export function initialParameters(network: Network, random: Random): Parameters {
  const shapes = shapesOf(network);
  const parameters: { [layer: string]: { [tensor: string]: Float32Array } } = {};
  for (const layer of network.layers) {
    const tensors = Object.entries(operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes)));
    const stream = random.fork(layer.name);
    for (const [tensor, extents] of tensors) {
      const values = new Float32Array(product(extents));
      if (tensor === 'weight') {
        const deviation = Math.sqrt(2 / fanIn(layer.op, extents));
        for (let i = 0; i < values.length; i++) values[i] = deviation * stream.normal();
      } else if (tensor === 'gamma' || tensor === 'variance') values.fill(1);
      parameters[layer.name] ??= {};
      parameters[layer.name][tensor] = values;
    }
  }
  return parameters;
}

/** Inputs that each output value sums: a depthwise weight is [kernelY, kernelX, channels], the others begin with the output channel. */
const fanIn = (op: string, extents: readonly number[]): number => product(op === 'depthwise' ? extents.slice(0, 2) : extents.slice(1));

const product = (extents: readonly number[]): number => extents.reduce((total, extent) => total * extent, 1);
