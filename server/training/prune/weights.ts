import type { Network, Parameters } from '../../network/network.ts';
import { hasWeights } from '../../network/stage.ts';

/** Whether weights compete with those of the whole network or only with those of their own layer. */
export type Scope = 'global' | 'layer';

/**
 * Sets the smallest weights of convolutions and dense layers to zero, until that share of them is zero (Han et al. 2015).
 * Biases and batch norm stay, and every layer keeps at least one weight. Weights that are zero already count.
 */
export function pruneWeights(network: Network, parameters: Parameters, sparsity: number, scope: Scope = 'global'): Parameters {
  const layers = network.layers.filter(hasWeights).map(({ name }) => name);
  const pruned: { [layer: string]: Parameters[string] } = { ...parameters };
  for (const name of layers) pruned[name] = { ...parameters[name], weight: parameters[name].weight.slice() };
  const groups = scope === 'global' ? [layers] : layers.map((name) => [name]);
  for (const group of groups)
    zeroSmallest(
      group.map((name) => pruned[name].weight),
      sparsity,
    );
  return pruned;
}

/** The share of zeros among the weights of convolutions and dense layers. */
export function sparsityOf(network: Network, parameters: Parameters): number {
  const weights = network.layers.filter(hasWeights).map(({ name }) => parameters[name].weight);
  const total = weights.reduce((sum, tensor) => sum + tensor.length, 0);
  const zeros = weights.reduce((sum, tensor) => sum + tensor.reduce((count, weight) => count + Number(weight === 0), 0), 0);
  return zeros / total;
}

function zeroSmallest(tensors: readonly Float32Array[], sparsity: number): void {
  const total = tensors.reduce((sum, { length }) => sum + length, 0);
  let left = Math.min(Math.round(total * sparsity), total - tensors.length);
  const sizes = tensors.flatMap((tensor) => {
    const spared = largest(tensor);
    return Array.from(tensor, (weight, index) => (index === spared ? Infinity : Math.abs(weight)));
  });
  const threshold = Float64Array.from(sizes).sort()[left];
  let at = 0;
  // All that are smaller than the threshold go, and of those that equal it as many as are still to go.
  left -= sizes.reduce((count, size) => count + Number(size < threshold), 0);
  for (const tensor of tensors) {
    for (let index = 0; index < tensor.length; index++, at++) {
      if (sizes[at] < threshold || (sizes[at] === threshold && sizes[at] < Infinity && left-- > 0)) tensor[index] = 0;
    }
  }
}

const largest = (tensor: Float32Array): number =>
  tensor.reduce((best, weight, index) => (Math.abs(weight) > Math.abs(tensor[best]) ? index : best), 0);
