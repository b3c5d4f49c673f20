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

/**
 * The sparsity at `progress` through the ramp, 0..1: fast at first and slow at the end
 * (Zhu and Gupta 2017, "To prune, or not to prune", equation 1, from sparsity 0).
 */
export function rampedSparsity(final: number, progress: number): number {
  const left = 1 - Math.min(1, Math.max(0, progress));
  return final * (1 - left ** 3);
}

function zeroSmallest(tensors: readonly Float32Array[], sparsity: number): void {
  const candidates = tensors.flatMap((tensor) => {
    const spared = largest(tensor);
    return Array.from(tensor, (weight, index) => ({ tensor, index, size: Math.abs(weight) })).filter(({ index }) => index !== spared);
  });
  const total = tensors.reduce((sum, tensor) => sum + tensor.length, 0);
  candidates.sort((a, b) => a.size - b.size);
  for (const { tensor, index } of candidates.slice(0, Math.round(total * sparsity))) tensor[index] = 0;
}

const largest = (tensor: Float32Array): number =>
  tensor.reduce((best, weight, index) => (Math.abs(weight) > Math.abs(tensor[best]) ? index : best), 0);
