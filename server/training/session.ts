import type { Samples } from '../dataset/dataset.ts';
import type { Parameters } from '../network/network.ts';
import { createRandom } from '../random.ts';
import { LANES, PIXEL } from './arena.ts';
import { checkSamples, openBlock } from './block.ts';
import { settingIndex } from './encode.ts';
import type { Evaluation, Session, SessionOptions, StepRate } from './engine.ts';
import { initialParameters } from './initial.ts';
import { fillList } from './operators/sparse.ts';
import type { Listing, Program } from './program.ts';
import { keepNonZero, pack, unpack } from './store.ts';
import type { Kernels } from './wasm.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Batch norm's running moments are those of about this many last blocks. */
const MOMENT_BLOCKS = 64;

export type WasmSession = Session & {
  /** The mean loss over those samples and its gradients, as one training step would see them; nothing changes. */
  gradients(samples: Samples, indices: Uint32Array): { loss: number; gradients: Parameters };
};

export function openSession(program: Program, kernels: Kernels, options: SessionOptions): WasmSession {
  const { store } = program;
  const { buffer } = kernels;
  const floats = (at: number, count: number) => new Float32Array(buffer, at, count);
  const values = floats(store.values, store.size);
  const settings = floats(program.settings, Object.keys(settingIndex).length);
  const loss = floats(program.loss, 1);
  const block = openBlock(program, buffer);
  const random = createRandom(options.seed);
  const orders = random.fork('order');
  const moves = random.fork('moves');
  let steps = 0;
  // The first block trained replaces batch norm's moments, fresh or given.
  let blocks = 0;
  pack(store, initialParameters(options.network, random.fork('weights')), values);
  if (options.parameters) pack(store, options.parameters, values);

  const set = (name: keyof typeof settingIndex, value: number) => {
    settings[settingIndex[name]] = value;
  };

  /** Leaves the gradients over the samples in the store, and returns the mean loss. */
  function differentiate(samples: Samples, indices: Uint32Array): number {
    set('lossScale', 1 / indices.length);
    loss[0] = 0;
    kernels.run(program.prepare);
    for (let first = 0; first < indices.length; first += LANES) {
      set('samples', block.load(samples, indices, first));
      block.move(moves);
      set('follow', Math.max(1 / ++blocks, 1 / MOMENT_BLOCKS));
      kernels.run(program.train);
    }
    kernels.run(program.reduce);
    return loss[0];
  }

  function step({ learningRate, weightDecay }: StepRate): void {
    steps++;
    const correction = Math.sqrt(1 - BETA2 ** steps);
    set('rate', (learningRate * correction) / (1 - BETA1 ** steps));
    set('epsilon', EPSILON * correction);
    set('beta1', BETA1);
    set('beta2', BETA2);
    set('decay', learningRate * weightDecay);
    kernels.run(program.update);
  }

  /** Runs the samples in their order, a block at a time. */
  function infer(samples: Samples, listing: Listing, each: (first: number, valid: number) => void): void {
    checkSamples(samples, options.network.input, program.classes);
    const indices = Uint32Array.from({ length: samples.count }, (_, i) => i);
    for (let first = 0; first < samples.count; first += LANES) {
      const valid = block.load(samples, indices, first);
      kernels.run(listing);
      each(first, valid);
    }
  }

  function predict(samples: Samples): Float32Array {
    const { classes, logits } = program;
    const planes = Array.from({ length: classes }, (_, k) => floats(logits.at + k * logits.channel, PIXEL / 4));
    const all = new Float32Array(samples.count * classes);
    infer(samples, program.infer, (first, valid) => {
      for (let lane = 0; lane < valid; lane++) for (let k = 0; k < classes; k++) all[(first + lane) * classes + k] = planes[k][lane];
    });
    return all;
  }

  return {
    trainEpoch(samples, rate) {
      checkSamples(samples, options.network.input, program.classes);
      const order = orders.shuffle(Uint32Array.from({ length: samples.count }, (_, i) => i));
      let total = 0;
      let seen = 0;
      while (seen < order.length) {
        const indices = order.subarray(seen, seen + options.batch);
        const now = rate(seen / order.length);
        if (!now) break;
        const mean = differentiate(samples, indices);
        if (!Number.isFinite(mean)) return mean;
        step(now);
        total += mean * indices.length;
        seen += indices.length;
      }
      return total / Math.max(1, seen);
    },
    gradients(samples, indices) {
      checkSamples(samples, options.network.input, program.classes);
      const [before, blocksBefore] = [values.slice(), blocks];
      const mean = differentiate(samples, indices);
      values.set(before);
      blocks = blocksBefore;
      return { loss: mean, gradients: unpack(store, floats(store.gradients, store.size)) };
    },
    evaluate: (samples) => score(predict(samples), samples.labels, program.classes),
    predict,
    ranges(samples) {
      const cells = [...program.ranges].map(([layer, at]) => [layer, floats(at, 8)] as const);
      for (const [, cell] of cells) cell.fill(Infinity, 0, 4).fill(-Infinity, 4, 8);
      infer(samples, program.measure, () => {});
      const ranges = new Map(
        cells.map(([layer, cell]) => [layer, { min: Math.min(...cell.subarray(0, 4)), max: Math.max(...cell.subarray(4)) }]),
      );
      for (const { name, op, inputs } of options.network.layers) if (op === 'flatten') ranges.set(name, ranges.get(inputs[0])!);
      return ranges;
    },
    read: () => unpack(store, values),
    write: (parameters) => pack(store, parameters, values),
    freezeZeros() {
      keepNonZero(store, values, new Int32Array(buffer, store.keep, store.size));
      for (const list of program.lists) fillList(list, store, buffer);
    },
    close() {},
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
