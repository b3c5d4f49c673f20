import type { Samples } from '../dataset/dataset.ts';
import { LANES, PIXEL } from './arena.ts';
import { type Block, checkSamples } from './block.ts';
import type { Evaluation, Session, SessionOptions } from './engine.ts';
import type { Listing, Program } from './program.ts';
import type { Kernels } from './wasm.ts';

/** Runs a program over samples with the weights that lie in the store. */
export function openInference(
  program: Program,
  kernels: Kernels,
  block: Block,
  { network }: SessionOptions,
): Pick<Session, 'predict' | 'ranges'> {
  const { classes, logits } = program;
  const floats = (at: number, count: number) => new Float32Array(kernels.buffer, at, count);

  /** Runs the samples in their order, a block at a time. */
  function infer(samples: Samples, listing: Listing, each: (first: number, valid: number) => void): void {
    checkSamples(samples, network.input, classes);
    const indices = new Uint32Array(samples.count).map((_, i) => i);
    for (let first = 0; first < samples.count; first += LANES) {
      const valid = block.load(samples, indices, first);
      kernels.run(listing);
      each(first, valid);
    }
  }

  return {
    predict(samples) {
      const planes = Array.from({ length: classes }, (_, k) => floats(logits.at + k * logits.channel, PIXEL / 4));
      const all = new Float32Array(samples.count * classes);
      infer(samples, program.infer, (first, valid) => {
        for (let lane = 0; lane < valid; lane++) for (let k = 0; k < classes; k++) all[(first + lane) * classes + k] = planes[k][lane];
      });
      return all;
    },
    ranges(samples) {
      const cells = [...program.ranges].map(([layer, at]) => [layer, floats(at, 8)] as const);
      for (const [, cell] of cells) cell.fill(Infinity, 0, 4).fill(-Infinity, 4, 8);
      infer(samples, program.measure, () => {});
      const ranges = new Map(
        cells.map(([layer, cell]) => [layer, { min: Math.min(...cell.subarray(0, 4)), max: Math.max(...cell.subarray(4)) }]),
      );
      for (const { name, op, inputs } of network.layers) if (op === 'flatten') ranges.set(name, ranges.get(inputs[0])!);
      return ranges;
    },
  };
}

/** Of logits [count, classes]. */
export function score(logits: Float32Array, labels: Uint8Array, classes: number): Evaluation {
  let loss = 0;
  let correct = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const row = logits.subarray(sample * classes, (sample + 1) * classes);
    const label = labels[sample];
    const most = Math.max(...row);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    loss += Math.log(total) + most - row[label];
    if (row.indexOf(most) === label) correct++;
  }
  return { loss: loss / labels.length, accuracy: correct / labels.length };
}
