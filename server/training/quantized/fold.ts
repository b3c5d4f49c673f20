import { BATCH_NORM_EPSILON, type Layer, type Network, type Parameters } from '../../network/network.ts';
import { lower } from '../../network/stage.ts';
import { foldedWeights, outputChannel } from '../../quantize/fold.ts';
import type { TrainingState } from '../engine.ts';

/** The same network without batch norm: its running moments become part of the weights before it. */
export function foldNetwork(network: Network, parameters: Parameters): { network: Network; parameters: Parameters } {
  const folded: { [layer: string]: { [tensor: string]: Float32Array } } = {};
  for (const stage of lower(network)) {
    if (!parameters[stage.name]) continue;
    const { weight, bias } = foldedWeights(stage, parameters);
    folded[stage.name] = { weight: Float32Array.from(weight), bias: Float32Array.from(bias) };
  }
  return { network: withoutBatchNorm(network), parameters: folded };
}

export function withoutBatchNorm(network: Network): Network {
  const before = new Map(network.layers.filter(({ op }) => op === 'batchNorm').map(({ name, inputs }) => [name, inputs[0]]));
  const layers = network.layers
    .filter(({ op }) => op !== 'batchNorm')
    .map((layer): Layer => ({ ...layer, inputs: layer.inputs.map((name) => before.get(name) ?? name) }));
  return { ...network, layers };
}

/**
 * The state of a training, for the folded network to go on from: `folded` are its parameters. A weight that is multiplied by the factor of its channel has
 * the gradient divided by it, and so have the optimiser's moments; the folded bias has the gradient of beta.
 */
export function foldState(network: Network, parameters: Parameters, folded: Parameters, { steps, tensors }: TrainingState): TrainingState {
  const moments = (role: 'first' | 'second', power: number): { [layer: string]: { [tensor: string]: Float32Array } } => {
    const all: { [layer: string]: { [tensor: string]: Float32Array } } = {};
    for (const stage of lower(network)) {
      const own = tensors[role]?.[stage.name];
      if (!own) continue;
      if (!stage.batchNorm) all[stage.name] = own;
      else {
        const { gamma, variance } = parameters[stage.batchNorm];
        const factor = (i: number) => {
          const channel = outputChannel(stage, own.weight.length, i);
          return (gamma[channel] / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON)) ** power;
        };
        // A channel that is switched off has no moments to speak of.
        const weight = own.weight.map((value, i) => (factor(i) === 0 ? 0 : value / factor(i)));
        all[stage.name] = { weight, bias: tensors[role][stage.batchNorm].beta };
      }
    }
    return all;
  };
  return { steps, blocks: 0, tensors: { value: folded, first: moments('first', 1), second: moments('second', 2) } };
}
