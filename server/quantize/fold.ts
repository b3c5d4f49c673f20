import { BATCH_NORM_EPSILON, type Parameters } from '../network/network.ts';
import type { Stage } from '../network/stage.ts';

/** A stage's weight and bias with its batch norm folded in; layouts as in `Parameters`. */
export function foldedWeights(stage: Stage, parameters: Parameters): { weight: Float64Array; bias: Float64Array } {
  const weight = Float64Array.from(parameters[stage.name].weight);
  const bias = Float64Array.from(parameters[stage.name].bias);
  if (!stage.batchNorm) return { weight, bias };
  const { gamma, beta, mean, variance } = parameters[stage.batchNorm];
  const factor = Float64Array.from(gamma, (value, channel) => value / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON));
  for (let i = 0; i < weight.length; i++) weight[i] *= factor[outputChannel(stage, weight.length, i)];
  for (let channel = 0; channel < bias.length; channel++) bias[channel] = (bias[channel] - mean[channel]) * factor[channel] + beta[channel];
  return { weight, bias };
}

/** The output channel that weight `index` of `count` belongs to: channels come last in a depthwise weight and first in the others. */
export const outputChannel = (stage: Stage, count: number, index: number): number =>
  stage.op === 'depthwise' ? index % stage.shape.channels : Math.floor(index / (count / stage.shape.channels));
