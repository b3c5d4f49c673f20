import type { Layer, Network, Parameters } from '../../network/network.ts';
import { lower } from '../../network/stage.ts';
import { foldedWeights } from '../../quantize/fold.ts';

/** The same network without batch norm: its running moments become part of the weights before it. */
export function foldNetwork(network: Network, parameters: Parameters): { network: Network; parameters: Parameters } {
  const folded: { [layer: string]: { [tensor: string]: Float32Array } } = {};
  for (const stage of lower(network)) {
    if (!parameters[stage.name]) continue;
    const { weight, bias } = foldedWeights(stage, parameters);
    folded[stage.name] = { weight: Float32Array.from(weight), bias: Float32Array.from(bias) };
  }
  const before = new Map(network.layers.filter(({ op }) => op === 'batchNorm').map(({ name, inputs }) => [name, inputs[0]]));
  const layers = network.layers
    .filter(({ op }) => op !== 'batchNorm')
    .map((layer): Layer => ({ ...layer, inputs: layer.inputs.map((name) => before.get(name) ?? name) }));
  return { network: { ...network, layers }, parameters: folded };
}
