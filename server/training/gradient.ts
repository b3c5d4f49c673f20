import type { Samples } from '../dataset/dataset.ts';
import type { Random } from '../random.ts';
import { LANES, type Plane } from './arena.ts';
import type { Block } from './block.ts';
import { createDrops } from './drops.ts';
import { settingIndex } from './encode.ts';
import type { SessionOptions } from './engine.ts';
import type { Form } from './forms/form.ts';
import { createLoss } from './loss.ts';
import { noiseCount } from './operators/dropout.ts';
import type { Program } from './program.ts';
import type { Kernels } from './wasm.ts';

/** Batch norm's running moments are those of about this many last blocks. */
const MOMENT_BLOCKS = 64;

/** What a step learns from. */
export type Gradient = {
  /** Blocks that batch norm's moments have seen. */
  blocks: number;
  /** Leaves the gradients over the samples in the store, and returns the mean loss. */
  over(samples: Samples, indices: Uint32Array): number;
};

type Parts = { readonly block: Block; readonly form: Form | undefined; readonly random: Random };

export function createGradient(program: Program, kernels: Kernels, options: SessionOptions, { block, form, random }: Parts): Gradient {
  const { store, classes } = program;
  const floats = (at: number, count: number) => new Float32Array(kernels.buffer, at, count);
  const weights = floats(store.values, store.learned);
  const gradients = floats(store.gradients, store.learned);
  const settings = floats(program.settings, Object.keys(settingIndex).length);
  const loss = floats(program.loss, 1);
  const rows = (plane: Plane) => Array.from({ length: classes }, (_, k) => floats(plane.at + k * plane.channel, LANES));
  const [logits, logitsGradient] = [rows(program.logits), rows(program.logitsGradient)];
  const [moves, draws] = [random.fork('moves'), random.fork('draws')];
  const customLoss = options.loss || options.augmentation?.mixup ? createLoss(options.loss ?? {}, classes) : undefined;
  const drops = options.dropout ? createDrops(random.fork('dropout'), options.dropout) : undefined;
  const noises = program.dropped.map((each) => floats(each.noise.at, noiseCount(each)));
  /** While a form computes with other weights, those that are learned. */
  const learned = new Float32Array(store.learned);
  const total = new Float32Array(store.learned);

  const set = (name: keyof typeof settingIndex, value: number) => {
    settings[settingIndex[name]] = value;
  };

  function draw(): void {
    form?.draw(weights, learned, draws);
    kernels.run(program.prepare);
  }

  function collect(): void {
    kernels.run(program.reduce);
    form?.collect(gradients, learned);
  }

  /** Adds the gradients of the block whose first sample is `indices[first]` to its sums. */
  function addBlock(samples: Samples, indices: Uint32Array, first: number): void {
    const valid = block.load(samples, indices, first);
    set('samples', valid);
    block.vary(moves);
    for (const noise of noises) drops!(noise, draws);
    set('follow', Math.max(1 / ++gradient.blocks, 1 / MOMENT_BLOCKS));
    if (!customLoss) kernels.run(program.train);
    else {
      kernels.run(program.forward);
      const targets = { valid, shares: block.targets, indices: indices.subarray(first, first + valid) };
      loss[0] += customLoss.block(logits, logitsGradient, targets, 1 / indices.length);
      kernels.run(program.backward);
    }
  }

  const gradient: Gradient = {
    // The first block trained replaces batch norm's moments, fresh or given.
    blocks: options.state?.blocks ?? 0,
    over(samples, indices) {
      set('lossScale', 1 / indices.length);
      loss[0] = 0;
      learned.set(weights);
      total.fill(0);
      if (!form?.perBlock) draw();
      for (let first = 0; first < indices.length; first += LANES) {
        if (form?.perBlock) draw();
        addBlock(samples, indices, first);
        if (!form?.perBlock) continue;
        collect();
        for (let i = 0; i < total.length; i++) total[i] += gradients[i];
      }
      if (form?.perBlock) gradients.set(total);
      else collect();
      weights.set(learned);
      return loss[0];
    },
  };
  return gradient;
}
