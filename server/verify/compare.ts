import { argmax, createInterpreter } from '../quantize/interpreter.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { createRandom } from '../random.ts';
import type { Answers } from './host.ts';
import { type Divergence, differingLogit, sampleAt } from './probe.ts';

/** How the answers of generated code compare with the interpreter's. */
export type Comparison = {
  readonly samples: number;
  /** Samples with any logit or the class different. */
  readonly different: number;
  /** The first sample that is, and where it first is. */
  readonly first?: Divergence;
  /** Share of the labelled samples that were classified as labelled; absent without labels. */
  readonly accuracy?: number;
};

export function compare(network: QuantizedNetwork, samples: Uint8Array, answers: Answers, labels?: Uint8Array): Comparison {
  const interpreter = createInterpreter(network);
  const { height, width, channels } = network.input.shape;
  const size = height * width * channels;
  const count = samples.length / size;
  let different = 0;
  let first: Divergence | undefined;
  let right = 0;
  for (let i = 0; i < count; i++) {
    const expected = interpreter.run(samples.subarray(i * size, (i + 1) * size));
    const same = expected.every((logit, k) => answers.logits[i * expected.length + k] === logit);
    if (!same || answers.classes[i] !== argmax(expected)) different++;
    if (!same && !first)
      first = { sample: i, ...differingLogit(network, sampleAt(network, samples, i), answers.logits.subarray(i * expected.length))! };
    if (labels && answers.classes[i] === labels[i]) right++;
  }
  return { samples: count, different, ...(first && { first }), ...(labels && count > 0 && { accuracy: right / count }) };
}

/** Uniform bytes: they reach what real data leaves untouched, such as the borders of centred images. */
export function randomSamples(count: number, size: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: count * size }, () => random.integer(256));
}
