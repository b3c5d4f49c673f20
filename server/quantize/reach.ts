import { encodingOf, type QuantizedNetwork, type QuantizedStage } from './network.ts';

/** The sums of a channel's positive and of its negative weights. */
export type Taps = { readonly above: number; readonly below: number };

/** By output channel, of a stage with weights. */
export function tapsOf({ op, shape: { channels }, weights }: QuantizedStage): Taps[] {
  const { weight } = weights!;
  const count = weight.length / channels;
  // Channels come last in a depthwise weight and first in the others.
  const [begin, step] = op === 'depthwise' ? [1, channels] : [count, 1];
  return Array.from({ length: channels }, (_, channel) => {
    let [above, below] = [0, 0];
    for (let i = 0, at = channel * begin; i < count; i++, at += step) {
      if (weight[at] > 0) above += weight[at];
      else below += weight[at];
    }
    return { above, below };
  });
}

/**
 * Whether 32-bit floats come to the integers of the network, bit for bit: no sum goes beyond 2^24 on its way, in whatever order it is added up; logits stay apart once they are scaled;
 * and means of pools, rounded three times, are nearest to their sums.
 */
export const fitsFloats = (network: QuantizedNetwork): boolean =>
  network.stages.every((stage) => reachOf(network, stage) <= (stage.op === 'averagePool' ? 2 ** 21 : stage.raw ? 2 ** 23 : 2 ** 24));

/** The largest magnitude that a sum of the stage can come to; 0 where nothing is added up. */
export function reachOf(network: QuantizedNetwork, stage: QuantizedStage): number {
  const inputs = stage.inputs.map((name) => rangeOf(network, name));
  const largest = inputs.map(({ least, most }) => Math.max(-least, most));
  switch (stage.op) {
    case 'conv2d':
    case 'depthwise':
    case 'dense':
      return Math.max(...tapsOf(stage).map((taps, channel) => extent(taps, stage.weights!.bias[channel], inputs[0])));
    case 'averagePool':
      return stage.window!.kernelY * stage.window!.kernelX * largest[0];
    case 'add':
      return largest.reduce((sum, each, input) => sum + each * stage.rescale!.multipliers[input], 0);
    case 'concat':
      return Math.max(...largest.map((each, input) => each * stage.rescale!.multipliers[input]));
    default:
      return 0;
  }
}

/** Of a tensor's integers, less their zero point: 0 lies within. */
type Range = { readonly least: number; readonly most: number };

const extent = ({ above, below }: Taps, bias: number, { least, most }: Range): number =>
  Math.max(above * most + below * least + Math.max(0, bias), -(above * least + below * most) + Math.max(0, -bias));

function rangeOf(network: QuantizedNetwork, tensor: string): Range {
  const { low, high } = network.stages.find(({ name }) => name === tensor) ?? BYTES;
  const { zeroPoint } = encodingOf(network, tensor);
  return { least: Math.min(0, low - zeroPoint), most: Math.max(0, high - zeroPoint) };
}

/** What the network's input can be. */
const BYTES = { low: 0, high: 255 };
