import type { Samples } from '../../dataset/dataset.ts';
import { shapesOf } from '../../network/check.ts';
import type { Network, Parameters } from '../../network/network.ts';
import { elements } from '../../network/shape.ts';
import { createRandom } from '../../random.ts';
import { LANES } from '../arena.ts';
import { checkSamples } from '../block.ts';
import type { Session, SessionOptions } from '../engine.ts';
import { initialParameters } from '../initial.ts';
import { alongRows } from '../nodes.ts';
import { score } from '../session.ts';
import { takeStep } from './adam.ts';
import { decode, drawMoves, type Moves } from './batch.ts';
import { forward, type Mode } from './forward.ts';
import type { Scalar, Tensor, Tensorflow, Variable } from './library.ts';
import { follow } from './normalise.ts';
import { byLayer, openStore } from './store.ts';

export type TensorflowSession = Session & {
  /** The mean loss over those samples and its gradients, as one training step would see them; nothing changes. */
  gradients(samples: Samples, indices: Uint32Array): { loss: number; gradients: Parameters };
};

export function openSession(tf: Tensorflow, options: SessionOptions, workingBytes = 1 << 29): TensorflowSession {
  refuseUnknown(options);
  // As the first engine does: augmentation then draws the same numbers for a series.
  const network = alongRows(options.network);
  const { encoding, augmentation } = options;
  const classes = shapesOf(network).get(network.layers[network.layers.length - 1].name)!.channels;
  const atOnce = samplesAtOnce(network, workingBytes);
  const random = createRandom(options.seed);
  const orders = random.fork('order');
  const moving = random.fork('moves');
  const store = openStore(tf, network);
  const variables = store.learned.map(({ value }) => value);
  let steps = 0;
  // The first block trained replaces batch norm's moments, fresh or given.
  let blocks = 0;
  store.write(initialParameters(network, random.fork('weights')));
  if (options.parameters) store.write(options.parameters);

  /** The logits [samples, classes]. */
  function compute(samples: Samples, indices: Uint32Array, mode: Mode, moves?: Moves): Tensor {
    const { height, width, channels } = network.input;
    const input = tf.tensor4d(decode(samples, indices, encoding, network.input, moves), [indices.length, height, width, channels]);
    return forward(tf, network, store, input, mode);
  }

  /** The samples' part in the mean loss over `count`. */
  function lossOf(samples: Samples, indices: Uint32Array, count: number): Scalar {
    const moves = augmentation && drawMoves(moving, augmentation, network.input, indices.length);
    const train: Mode['train'] = (layer, moments) => follow(store.running(layer), moments, blocks + 1);
    const logits = compute(samples, indices, { train }, moves);
    blocks += Math.ceil(indices.length / LANES);
    const labels = tf.tensor1d(
      Int32Array.from(indices, (index) => samples.labels[index]),
      'int32',
    );
    const truth = tf.oneHot(labels, classes, 1, 0, 'float32');
    return tf.mul(tf.sum(tf.mul(tf.logSoftmax(logits), truth)), -1 / count);
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

  /** Runs the samples in their order, some at a time. */
  function infer(samples: Samples, mode: Mode, each: (logits: Tensor, first: number) => void): void {
    checkSamples(samples, options.network.input, classes);
    for (const part of partsOf(
      Uint32Array.from({ length: samples.count }, (_, i) => i),
      atOnce,
    ))
      tf.tidy(() => each(compute(samples, part, mode), part[0]));
  }

  function predict(samples: Samples): Float32Array {
    const all = new Float32Array(samples.count * classes);
    infer(samples, {}, (logits, first) => all.set(logits.dataSync(), first * classes));
    return all;
  }

  return {
    trainEpoch(samples, rate) {
      checkSamples(samples, options.network.input, classes);
      const order = orders.shuffle(Uint32Array.from({ length: samples.count }, (_, i) => i));
      let total = 0;
      let seen = 0;
      while (seen < order.length) {
        const indices = order.subarray(seen, seen + options.batch);
        const now = rate(seen / order.length);
        if (!now) break;
        const mean = tf.tidy(() => {
          const { loss, gradients } = differentiate(samples, indices);
          if (Number.isFinite(loss)) takeStep(tf, store.learned, gradients, ++steps, now);
          return loss;
        });
        if (!Number.isFinite(mean)) return mean;
        total += mean * indices.length;
        seen += indices.length;
      }
      return total / Math.max(1, seen);
    },
    gradients(samples, indices) {
      checkSamples(samples, options.network.input, classes);
      const [before, blocksBefore] = [store.read(), blocks];
      const result = tf.tidy(() => {
        const { loss, gradients } = differentiate(samples, indices);
        return {
          loss,
          gradients: byLayer(store.learned.map(({ layer, tensor }, i) => [layer, tensor, gradients[i].dataSync() as Float32Array])),
        };
      });
      store.write(before);
      blocks = blocksBefore;
      return result;
    },
    evaluate: (samples) => score(predict(samples), samples.labels, classes),
    predict,
    ranges(samples) {
      const ranges = new Map<string, { min: number; max: number }>();
      const layer: Mode['layer'] = (name, output) => {
        const { min, max } = ranges.get(name) ?? { min: Infinity, max: -Infinity };
        ranges.set(name, { min: Math.min(min, tf.min(output).dataSync()[0]), max: Math.max(max, tf.max(output).dataSync()[0]) });
      };
      infer(samples, { layer }, () => {});
      return ranges;
    },
    read: store.read,
    write: store.write,
    freezeZeros: store.freezeZeros,
    close: store.dispose,
  };
}

/** What it does not know it must not pass over: the network would be trained in another way than was asked for. */
function refuseUnknown(options: SessionOptions): void {
  const unknown = (object: object, known: readonly string[]) =>
    Object.entries(object).find(([name, value]) => value !== undefined && !known.includes(name))?.[0];
  const name = unknown(options, KNOWN) ?? unknown(options.augmentation ?? {}, ['shift']);
  if (name) throw new Error(`the TensorFlow engine cannot train with ${name}; use the first engine`);
}

const KNOWN = ['network', 'encoding', 'batch', 'seed', 'parameters', 'augmentation'];

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
