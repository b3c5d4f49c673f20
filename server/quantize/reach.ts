import { encodingOf, type QuantizedNetwork, type QuantizedStage } from './network.ts';

/**
 * The largest magnitude that any sum of a stage can come to, in whatever order it is added up; 0 where nothing is. Below 2^24 a sum is exact in 32-bit floats. `input` is the largest that a
 * stage's input can be, less its zero point.
 */
function reachOf({ op, window, weights, rescale }: QuantizedStage, input: number): number {
  switch (op) {
    case 'conv2d':
    case 'depthwise':
    case 'dense':
      return largestRow(op === 'depthwise', weights!.weight, weights!.bias, input);
    case 'averagePool':
      return window!.kernelY * window!.kernelX * input;
    case 'add':
    case 'concat':
      return rescale!.multipliers.reduce((sum, multiplier) => sum + multiplier * input, 0);
    default:
      return 0;
  }
}

/** Of the rows that belong to the output's channels. */
function largestRow(depthwise: boolean, weight: Int8Array, bias: Int32Array, input: number): number {
  const taps = weight.length / bias.length;
  const tapOf = (channel: number, tap: number) => weight[depthwise ? tap * bias.length + channel : channel * taps + tap];
  return bias.reduce((largest, start, channel) => {
    let sum = Math.abs(start);
    for (let tap = 0; tap < taps; tap++) sum += Math.abs(tapOf(channel, tap)) * input;
    return Math.max(largest, sum);
  }, 0);
}

/**
 * Whether 32-bit floats come to the integers of the network, bit for bit: sums are exact, logits that differ still do once they are scaled, and means of pools, rounded three times, are
 * nearest to their sums.
 */
export function fitsFloats(network: QuantizedNetwork): boolean {
  return network.stages.every((stage) => {
    const inputs = stage.inputs.map((name) => largestOf(network, name));
    return reachOf(stage, Math.max(...inputs)) < (stage.op === 'averagePool' ? 2 ** 21 : 2 ** 23);
  });
}

/** Of a tensor's integers, less their zero point. */
function largestOf(network: QuantizedNetwork, tensor: string): number {
  const { zeroPoint, unsigned } = encodingOf(network, tensor);
  return unsigned ? Math.max(zeroPoint, 255 - zeroPoint) : 128;
}
