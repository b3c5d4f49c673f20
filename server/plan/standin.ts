import { INPUT } from '../network/network.ts';
import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import { type Encoding, rescale } from '../quantize/arithmetic.ts';
import { storedBits } from '../quantize/bits.ts';
import type { QuantizedNetwork, QuantizedStage } from '../quantize/network.ts';
import { nonZeros } from '../quantize/nonzeros.ts';
import type { NonZeros, Plan, Weights } from './plan.ts';

/** How many weights of a stage are not zero. */
export function nonZerosOf(weights: Weights): NonZeros {
  if (typeof weights === 'function') return weights;
  return ({ name }) => nonZeros(weights.stages.find((stage) => stage.name === name)?.weights?.weight);
}

/** A quantised network of a plan's shapes, for its costs: as many non-zero weights as `nonZeros` tells, of ordinary sizes, and scales to match. */
export function standIn({ stages }: Plan, nonZeros: NonZeros): QuantizedNetwork {
  const known = networks.get(stages);
  if (known?.nonZeros === nonZeros) return known.made;
  const made = networkLike(stages, nonZeros);
  networks.set(stages, { nonZeros, made });
  return made;
}

/** Plans of the same stages are compared. */
const networks = new WeakMap<Plan['stages'], { readonly nonZeros: NonZeros; readonly made: QuantizedNetwork }>();

function networkLike(planned: Plan['stages'], nonZeros: NonZeros): QuantizedNetwork {
  const encodings = new Map<string, Encoding>([[INPUT, INPUT_ENCODING]]);
  const stages = planned.map(({ stage }) => {
    const made = quantizedLike(stage, nonZeros, encodings);
    encodings.set(stage.name, made.encoding);
    return made;
  });
  const shape = planned.flatMap(({ stage }) => stage.inputShapes.filter((_, i) => stage.inputs[i] === INPUT))[0];
  return { input: { shape, encoding: INPUT_ENCODING }, stages };
}

/** Data has a mean that is not zero. */
const INPUT_ENCODING: Encoding = { scale: 1 / 64, zeroPoint: 100, unsigned: true };

function quantizedLike(stage: Stage, nonZeros: NonZeros, encodings: ReadonlyMap<string, Encoding>): QuantizedStage {
  const [input] = stage.inputs.map((name) => encodings.get(name)!);
  if (stage.op === 'maxPool' || stage.op === 'relu') {
    const lowest = input.unsigned ? 0 : -128;
    return { ...stage, encoding: input, low: stage.relu || stage.op === 'relu' ? input.zeroPoint : lowest, high: lowest + 255 };
  }
  const encoding: Encoding = { scale: 1 / 64, zeroPoint: 0, unsigned: false };
  const output = { ...stage, encoding, low: stage.relu ? 0 : -128, high: 127 };
  if (stage.op === 'averagePool') return { ...output, rescale: rescale([1.3 / (stage.window!.kernelY * stage.window!.kernelX)]) };
  if (!hasWeights(stage)) return { ...output, rescale: rescale(stage.inputs.map((_, i) => 0.6 - i / 16)) };
  const weights = { weight: weightsLike(stage, nonZeros(stage)), bias: new Int32Array(stage.shape.channels).fill(1000) };
  if (stage.raw) return { ...output, weights, low: -(2 ** 31), high: 2 ** 31 - 1 };
  const fanIn = weightCount(stage) / stage.shape.channels;
  const ratios = Array.from({ length: stage.shape.channels }, (_, channel) => 0.02 / Math.sqrt(fanIn) / (1 + channel / 8));
  return { ...output, weights, rescale: rescale(ratios) };
}

/** So many weights of a stand-in that was to have `nonZeros` are not zero at the least: they are spread over each channel as evenly as goes. */
export const leastOfSpread = (nonZeros: number, channels: number): number => Math.max(0, 0.99 * nonZeros - 5 * channels);

/** So many non-zero weights, spread evenly over the channels and within them. */
function weightsLike(stage: Stage, nonZeros: number): Int8Array {
  const { channels } = stage.shape;
  const count = weightCount(stage);
  const weights = new Int8Array(count);
  const perChannel = count / channels;
  const most = 2 ** (storedBits(stage) - 1) - 1;
  const least = Math.min(3, most);
  const sizes = most - least + 1;
  // Channels come last in a depthwise weight and first in the others.
  const [begin, step] = stage.op === 'depthwise' ? [1, channels] : [perChannel, 1];
  const stride = 37 % sizes;
  for (let channel = 0; channel < channels; channel++) {
    let size = (channel * 61) % sizes;
    for (let within = 0, at = channel * begin; within < perChannel; within++, at += step) {
      // A golden ratio's multiples are spread evenly; each channel begins elsewhere.
      const spread = within * 0.618034 + channel * 0.414214;
      if (nonZeros >= count || (spread - Math.floor(spread)) * count < nonZeros) weights[at] = at & 1 ? least + size : -least - size;
      size += stride;
      if (size >= sizes) size -= sizes;
    }
  }
  return weights;
}
