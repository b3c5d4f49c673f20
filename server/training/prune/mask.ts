import type { Network, Parameters } from '../../network/network.ts';
import { hasWeights } from '../../network/stage.ts';
import { weakestChannels, withoutChannels } from './channels.ts';
import { pruneWeights } from './weights.ts';

/**
 * Which weights count while the weakest channels and the smallest weights are masked: 1 or 0 for each weight. `left` channels of each group stay,
 * and `sparsity` is the share of zeros among the weights that are left with them. Of a masked channel the weights that make it are masked; those that read it are not,
 * or no gradient would tell whether it is missed (Lin et al. 2020).
 */
export function maskOf(network: Network, parameters: Parameters, sparsity: number, left?: readonly number[]): Parameters {
  const { made, alive } = left ? survivors(network, parameters, left) : { made: undefined, alive: undefined };
  const layers = network.layers.filter(hasWeights).map(({ name }) => name);
  const ranked = Object.fromEntries(
    layers.map((name) => [name, { weight: parameters[name].weight.map((value, i) => (alive && !alive[name][i] ? 0 : value)) }]),
  );
  const total = layers.reduce((sum, name) => sum + parameters[name].weight.length, 0);
  const dead = alive ? layers.reduce((sum, name) => sum + alive[name].reduce((count, each) => count + 1 - each, 0), 0) : 0;
  const pruned = pruneWeights(network, ranked, (dead + sparsity * (total - dead)) / total);
  const counts = (name: string, i: number) => (alive && !alive[name][i] ? made![name][i] === 1 : pruned[name].weight[i] !== 0);
  return Object.fromEntries(layers.map((name) => [name, { weight: parameters[name].weight.map((_, i) => Number(counts(name, i))) }]));
}

type Flags = { readonly [layer: string]: Uint8Array };

/** For each weight whether the channel that it makes stays, and whether it is part of the network without those that do not. */
function survivors(network: Network, parameters: Parameters, left: readonly number[]): { made: Flags; alive: Flags } {
  const { trace, removed } = weakestChannels(network, parameters, left);
  const layers = network.layers.filter(hasWeights);
  const numbered = Object.fromEntries(layers.map(({ name }) => [name, { weight: parameters[name].weight.map((_, i) => i) }]));
  const smaller = withoutChannels(network, numbered, trace, removed).parameters;
  const alive = layers.map(({ name }) => {
    const flags = new Uint8Array(parameters[name].weight.length);
    for (const i of smaller[name].weight) flags[i] = 1;
    return [name, flags] as const;
  });
  const made = layers.map(({ name, op }) => {
    const channels = trace.channels.get(name)!;
    const { length } = parameters[name].weight;
    // A depthwise layer makes no channel: it carries on what another made.
    const makes = (i: number) => op === 'depthwise' || !removed.has(channels[Math.floor(i / (length / channels.length))]);
    return [name, Uint8Array.from({ length }, (_, i) => Number(makes(i)))] as const;
  });
  return { made: Object.fromEntries(made), alive: Object.fromEntries(alive) };
}
