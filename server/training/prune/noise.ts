import type { Network, Parameters } from '../../network/network.ts';
import { hasWeights } from '../../network/stage.ts';
import { pruneWeights } from './weights.ts';

/** Sets that share of the weights to zero, those with the largest log alpha; weights that are zero already stay. */
export function pruneNoisiest(network: Network, parameters: Parameters, logAlpha: Parameters, share: number): Parameters {
  const layers = network.layers.filter(hasWeights).map(({ name }) => name);
  const clarity = Object.fromEntries(layers.map((name) => [name, { weight: logAlpha[name].weight.map((each) => Math.exp(-each / 2)) }]));
  const kept = pruneWeights(network, clarity, share, 'global');
  return zeroWhere(network, parameters, (layer, i) => kept[layer].weight[i] === 0);
}

/** How much of each weight is signal: by this, channels rank. */
export const clearWeights = (parameters: Parameters, logAlpha: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([layer, tensors]) => [
      layer,
      tensors.weight ? { ...tensors, weight: tensors.weight.map((each, i) => each * Math.exp(-logAlpha[layer].weight[i] / 2)) } : tensors,
    ]),
  );

/** Shares of the weights that are tried, the largest first. */
const SHARES = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];
/** What validation may lose, as a share of the samples. */
const TOLERANCE = 0.005;

/**
 * Removes whole groups of weights, those with the largest log alpha: as many as the validation samples do not miss. (The authors of
 * Bayesian compression chose the threshold of each layer by eye.) `accuracy` measures parameters.
 */
export function pruneGroups(
  network: Network,
  parameters: Parameters,
  logAlpha: Parameters,
  accuracy: (parameters: Parameters) => number,
): Parameters {
  const all = Float32Array.from(network.layers.filter(hasWeights).flatMap(({ name }) => [...logAlpha[name].weight])).sort();
  const wanted = accuracy(parameters) - TOLERANCE;
  for (const share of SHARES) {
    const threshold = all[Math.floor(all.length * (1 - share))];
    const pruned = zeroWhere(network, parameters, (layer, i) => logAlpha[layer].weight[i] > threshold);
    const alive = network.layers.every((layer) => !hasWeights(layer) || pruned[layer.name].weight.some((weight) => weight !== 0));
    if (alive && accuracy(pruned) >= wanted) return pruned;
  }
  return parameters;
}

function zeroWhere(network: Network, parameters: Parameters, zero: (layer: string, index: number) => boolean): Parameters {
  const weighted = new Set(network.layers.filter(hasWeights).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(parameters).map(([layer, tensors]) => [
      layer,
      weighted.has(layer) ? { ...tensors, weight: tensors.weight.map((each, i) => (zero(layer, i) ? 0 : each)) } : tensors,
    ]),
  );
}
