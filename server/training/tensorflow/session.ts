import type { Samples } from '../../dataset/dataset.ts';
import { shapesOf } from '../../network/check.ts';
import type { Network, Parameters } from '../../network/network.ts';
import { elements } from '../../network/shape.ts';
import { createRandom } from '../../random.ts';
import { LANES } from '../arena.ts';
import { checkSamples } from '../block.ts';
import type { Session, SessionOptions, TrainingState } from '../engine.ts';
import { initialParameters } from '../initial.ts';
import { alongRows } from '../nodes.ts';
import { decode } from './batch.ts';
import { createDropout } from './dropout.ts';
import { forward, type Mode, type Values } from './forward.ts';
import { inferWith } from './infer.ts';
import type { Scalar, Tensor, Tensorflow, Variable } from './library.ts';
import { sumOfLosses } from './loss.ts';
import { follow } from './normalise.ts';
import { openOptimiser } from './optimise.ts';
import { byLayer, openStore } from './store.ts';
import { createVariation } from './vary.ts';
import { refuseUnknown } from './wishes.ts';

export type TensorflowSession = Session & {
  /** The mean loss over those samples and its gradients, as one training step would see them; nothing changes. */
  gradients(samples: Samples, indices: Uint32Array): { loss: number; gradients: Parameters };
  state(): TrainingState;
};

/** `workingBytes` is what a network's tensors may take at a time. */
export function openSession(tf: Tensorflow, options: SessionOptions, workingBytes = 1 << 29): TensorflowSession {
  refuseUnknown(options);
  // As the first engine does: augmentation then draws the same numbers for a series.
  const network = alongRows(options.network);
  const { encoding, batch, augmentation, loss = {}, optimiser: recipe = { kind: 'adam' }, state } = options;
  const classes = shapesOf(network).get(network.layers[network.layers.length - 1].name)!.channels;
  const atOnce = samplesAtOnce(network, workingBytes);
  const random = createRandom(options.seed);
  const orders = random.fork('order');
  const moving = random.fork('moves');
  const vary = createVariation(network.input, classes, encoding.zeroPoint, augmentation);
  const asTheyAre = createVariation(network.input, classes, encoding.zeroPoint);
  const drop = options.dropout ? createDropout(tf, random.fork('dropout'), options.dropout) : undefined;
  const store = openStore(tf, network);
  const average = recipe.average === undefined ? undefined : openStore(tf, network);
  /** What is evaluated and read. */
  const settled = average ?? store;
  const optimiser = openOptimiser(tf, recipe, store, average);
  const variables = store.learned.map(({ value }) => value);
  // The first block trained replaces batch norm's moments, fresh or given.
  let blocks = state?.blocks ?? 0;
  write(initialParameters(network, random.fork('weights')));
  write(options.parameters ?? {});
  if (state) {
    optimiser.steps = state.steps;
    optimiser.write(state.tensors);
    write(state.tensors.value ?? {});
  }

  function write(parameters: Parameters): void {
    store.write(parameters);
    average?.write(parameters);
  }

  const check = (samples: Samples) => checkSamples(samples, options.network.input, classes);

  /** The logits [samples, classes]. */
  function compute(values: Values, bytes: Uint8Array, mode: Mode): Tensor {
    const { height, width, channels } = network.input;
    const input = tf.tensor4d(decode(bytes, encoding), [bytes.length / elements(network.input), height, width, channels]);
    return forward(tf, network, values, input, mode);
  }

  /** The samples' part in the mean loss over `count`. */
  function lossOf(samples: Samples, indices: Uint32Array, count: number): Scalar {
    const { bytes, shares } = vary(samples, indices, moving);
    const train: Mode['train'] = (layer, moments) => follow(store.running(layer), moments, blocks + 1);
    const logits = compute(store, bytes, { train, drop });
    blocks += Math.ceil(indices.length / LANES);
    return tf.mul(sumOfLosses(tf, loss, logits, { shares, indices }), 1 / count);
  }

  /** The mean loss over the samples and its gradients, in the order of the variables. */
  function differentiate(samples: Samples, indices: Uint32Array): { loss: number; gradients: Tensor[] } {
    let loss = 0;
    let sums: Tensor[] | undefined;
    for (const part of partsOf(indices, atOnce)) {
      const { value, gradients } = tf.tidy(() => gradientsOf(tf, variables, () => lossOf(samples, part, indices.length)));
      loss += value.dataSync()[0];
      sums = sums?.map((sum, which) => tf.add(sum, gradients[which])) ?? gradients;
    }
    return { loss, gradients: sums ?? [] };
  }

  return {
    trainEpoch(samples, rate) {
      check(samples);
      const order = orders.shuffle(Uint32Array.from({ length: samples.count }, (_, i) => i));
      let total = 0;
      let seen = 0;
      while (seen < order.length) {
        const indices = order.subarray(seen, seen + batch);
        const now = rate(seen / order.length);
        if (!now) break;
        const mean = tf.tidy(() => {
          const { loss, gradients } = differentiate(samples, indices);
          if (Number.isFinite(loss)) optimiser.step(gradients, now);
          return loss;
        });
        if (!Number.isFinite(mean)) return mean;
        total += mean * indices.length;
        seen += indices.length;
      }
      return total / Math.max(1, seen);
    },
    gradients(samples, indices) {
      check(samples);
      const [before, blocksBefore] = [store.read(), blocks];
      const result = tf.tidy(() => {
        const { loss, gradients } = differentiate(samples, indices);
        const values = store.learned.map(({ layer, tensor }, i) => [layer, tensor, gradients[i].dataSync() as Float32Array] as const);
        return { loss, gradients: byLayer(values) };
      });
      store.write(before);
      blocks = blocksBefore;
      return result;
    },
    ...inferWith(tf, classes, (samples, mode, each) => {
      check(samples);
      const all = Uint32Array.from({ length: samples.count }, (_, i) => i);
      for (const part of partsOf(all, atOnce)) tf.tidy(() => each(compute(settled, asTheyAre(samples, part, moving).bytes, mode), part[0]));
    }),
    read: settled.read,
    write,
    freezeZeros: store.freezeZeros,
    state: () => ({ steps: optimiser.steps, blocks, tensors: { value: store.read(), ...optimiser.read() } }),
    close() {
      for (const each of [store, average, optimiser]) each?.dispose();
    },
  };
}

/** Samples that are run at a time: whole blocks, so that batch norm's are the same however many they are. */
function samplesAtOnce(network: Network, workingBytes: number): number {
  const values = [...shapesOf(network).values()].reduce((sum, shape) => sum + elements(shape), 0);
  // Values and gradients, and about as much again meanwhile.
  const blockBytes = 4 * 4 * LANES * values;
  return LANES * Math.min(64, Math.max(1, Math.floor(workingBytes / blockBytes)));
}

function* partsOf(indices: Uint32Array, size: number): Generator<Uint32Array> {
  for (let first = 0; first < indices.length; first += size) yield indices.subarray(first, first + size);
}

function gradientsOf(tf: Tensorflow, variables: Variable[], loss: () => Scalar): { value: Scalar; gradients: Tensor[] } {
  if (variables.length === 0) return { value: loss(), gradients: [] };
  const { value, grads } = tf.variableGrads(loss, variables);
  return { value, gradients: variables.map((variable) => grads[variable.name]) };
}
