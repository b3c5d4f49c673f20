import { inputShapes, shapesOf } from '../../server/network/check.ts';
import type { Network } from '../../server/network/network.ts';
import { operatorOf } from '../../server/network/operators/table.ts';
import { elements } from '../../server/network/shape.ts';
import type { Pruning } from '../../server/search/genotype.ts';
import type { Price } from '../../server/search/trial.ts';

/** A stand-in for the plan's price with the same character: rows under each kernel in RAM, the weights that survive in flash. */
export function cost(network: Network, pruning: Pruning): Price {
  const shapes = shapesOf(network);
  const channels = 1 - pruning.structured;
  const kept = channels * (1 - pruning.unstructured);
  let ramBytes = elements(shapes.get(network.layers[network.layers.length - 1].name)!);
  let [size, macs, wm1, wm2] = [0, 0, 0, 0];
  for (const layer of network.layers) {
    const inputs = inputShapes(layer, shapes);
    const operator = operatorOf(layer);
    macs += operator.macs(layer as never, inputs);
    const weights =
      layer.op === 'batchNorm'
        ? 0
        : Object.values(operator.parameters(layer as never, inputs)).reduce((sum, extents) => sum + extents.reduce((a, b) => a * b, 1), 0);
    size += weights * kept;
    const taken = inputs.reduce((sum, shape) => sum + elements(shape), 0);
    wm1 = Math.max(wm1, taken + weights * kept);
    wm2 = Math.max(wm2, taken + elements(shapes.get(layer.name)!));
    if ('kernel' in layer) ramBytes += layer.kernel[0] * inputs[0].width * inputs[0].channels * channels;
    else if (layer.op === 'dense') ramBytes += 4 * layer.units;
  }
  return { ramBytes: Math.ceil(ramBytes), flashBytes: Math.ceil(size), size: Math.ceil(size), wm1, wm2, macs };
}
