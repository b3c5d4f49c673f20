import type { Samples } from '../dataset/dataset.ts';
import type { Parameters } from '../network/network.ts';
import { createRandom } from '../random.ts';
import { LANES } from './arena.ts';
import { checkSamples, openBlock } from './block.ts';
import type { Session, SessionOptions, TrainingState } from './engine.ts';
import { createForm } from './forms/table.ts';
import { createGradient } from './gradient.ts';
import { openInference, score } from './infer.ts';
import { initialParameters } from './initial.ts';
import { fillList } from './operators/sparse.ts';
import { createOptimiser } from './optimise.ts';
import type { Program } from './program.ts';
import { maskOf } from './prune/mask.ts';
import { createQuantized } from './quantized/form.ts';
import { keepNonZero, pack, unpack } from './store.ts';
import { createStraight } from './straight/compile.ts';
import type { Kernels } from './wasm.ts';

/** Masks with feedback are made anew after so many steps (Lin et al. 2020). */
const MASK_STEPS = 16;

export type WasmSession = Session & {
  /** The mean loss over those samples and its gradients, as one training step would see them; nothing changes. */
  gradients(samples: Samples, indices: Uint32Array): { loss: number; gradients: Parameters };
  state(): TrainingState;
  /** Takes masks to stay from now on, rather than when they have stayed for a while. */
  settleMasks(): void;
};

export function openSession(program: Program, kernels: Kernels, options: SessionOptions): WasmSession {
  const { store, classes } = program;
  const { buffer } = kernels;
  const { network, batch, seed, state } = options;
  const floats = (at: number, count: number) => new Float32Array(buffer, at, count);
  const values = floats(store.values, store.size);
  const weights = values.subarray(0, store.learned);
  const gradients = floats(store.gradients, store.learned);
  const moments = { first: floats(store.first, store.size), second: floats(store.second, store.size) };
  const block = openBlock(program, buffer);
  const random = createRandom(seed);
  const orders = random.fork('order');
  const optimiser = createOptimiser(program, kernels, options.optimiser ?? { kind: 'adam' });
  const form = program.quantized
    ? createQuantized(program.quantized, program.ceilings, store, options, buffer)
    : createForm(options, store, buffer, random.fork('form'));
  const gradient = createGradient(program, kernels, options, { block, form, random });
  const straight = createStraight(program, kernels);
  const inference = openInference(program, kernels, block, options);
  pack(store, initialParameters(network, random.fork('weights')), values);
  if (options.parameters) pack(store, options.parameters, values);
  if (state) {
    optimiser.steps = state.steps;
    const ofForm = form?.tensors ?? {};
    for (const [role, array] of Object.entries({ value: values, ...moments, ...ofForm }))
      if (state.tensors[role]) pack(store, state.tensors[role], array);
    if (Object.keys(ofForm).every((role) => state.tensors[role])) form?.resume?.(state.steps, ofForm);
  }
  optimiser.average?.set(values);

  let masked: { sparsity: number; left?: readonly number[] } | undefined;
  const mask = () => form!.mask!(maskOf(network, unpack(store, values), masked!.sparsity, masked!.left));

  /** Does something with the weights that stand for the training so far in the store. */
  function settled<Result>(work: () => Result, settle = form?.settle): Result {
    if (!settle && !optimiser.average) return work();
    const kept = values.slice();
    if (optimiser.average) values.set(optimiser.average);
    settle?.(weights, weights.slice());
    try {
      return work();
    } finally {
      values.set(kept);
    }
  }

  return {
    trainEpoch(samples, rate) {
      checkSamples(samples, network.input, classes);
      const order = orders.shuffle(new Uint32Array(samples.count).map((_, i) => i));
      let sum = 0;
      let seen = 0;
      while (seen < order.length) {
        const indices = order.subarray(seen, seen + batch);
        const now = rate(seen / order.length);
        if (!now) break;
        straight.expect(Math.ceil(indices.length / LANES));
        const mean = gradient.over(samples, indices);
        if (!Number.isFinite(mean)) return mean;
        form?.finish(gradients, weights, now, samples.count);
        optimiser.step(now);
        if (masked && optimiser.steps % MASK_STEPS === 0) mask();
        sum += mean * indices.length;
        seen += indices.length;
      }
      return sum / Math.max(1, seen);
    },
    gradients(samples, indices) {
      checkSamples(samples, network.input, classes);
      const [before, { blocks }] = [values.slice(), gradient];
      const mean = gradient.over(samples, indices);
      values.set(before);
      gradient.blocks = blocks;
      const found = unpack(store, floats(store.gradients, store.size));
      return { loss: mean, gradients: merged(found, form?.slopes?.() ?? {}) };
    },
    evaluate: (samples) =>
      score(
        settled(() => inference.predict(samples)),
        samples.labels,
        classes,
      ),
    predict: (samples) => settled(() => inference.predict(samples)),
    ranges: (samples) => form?.ranges?.() ?? settled(() => inference.ranges(samples)),
    read() {
      const parameters = settled(() => unpack(store, values), form?.read ?? form?.settle);
      return form?.complete?.(parameters) ?? parameters;
    },
    write(parameters) {
      pack(store, parameters, values);
      form?.write?.(weights);
      if (optimiser.average) pack(store, parameters, optimiser.average);
    },
    freezeZeros() {
      keepNonZero(store, values, new Int32Array(buffer, store.keep, store.size));
      straight.forget();
      for (const list of program.lists) fillList(list, store, buffer);
    },
    state() {
      const all = { value: values, ...moments, ...form?.tensors };
      const tensors = Object.entries(all).map(([role, array]) => [role, unpack(store, array)]);
      const kept = form?.kept?.(weights);
      return {
        steps: optimiser.steps,
        blocks: gradient.blocks,
        ...(kept && { formSteps: kept.steps }),
        tensors: { ...Object.fromEntries(tensors), ...kept?.tensors },
      };
    },
    settleMasks: straight.compile,
    ...(form?.logAlpha && { logAlpha: () => unpack(store, form.logAlpha!(weights)) }),
    ...(form?.mask && {
      mask(sparsity: number, left?: readonly number[]) {
        masked = { sparsity, left };
        mask();
      },
    }),
    close() {},
  };
}

const merged = (a: Parameters, b: Parameters): Parameters => ({
  ...a,
  ...Object.fromEntries(Object.entries(b).map(([layer, tensors]) => [layer, { ...a[layer], ...tensors }])),
});
