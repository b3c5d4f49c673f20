import { inputShapes, shapesOf } from '../../network/check.ts';
import type { Network, Parameters } from '../../network/network.ts';
import { operatorOf } from '../../network/operators/table.ts';
import type { Values } from './forward.ts';
import type { Tensor, Tensorflow, Variable } from './library.ts';

/** A parameter tensor that is learned, laid out as in `Parameters`. */
export type Learned = {
  readonly layer: string;
  readonly tensor: string;
  readonly value: Variable;
  /** Booleans: where the value may differ from zero; absent while it may everywhere. */
  keep?: Tensor;
};

/** The parameters of a network: what is learned in TensorFlow's memory, batch norm's running moments outside it. */
export type Store = Values & {
  readonly learned: readonly Learned[];
  /** Of every batch norm its mean and variance. */
  readonly moments: ReadonlyMap<string, Float32Array>;
  read(): Parameters;
  /** Layers and tensors that are missing are left as they are. */
  write(parameters: Parameters): void;
  /** Forbids the weights that are zero to change. */
  freezeZeros(): void;
  dispose(): void;
};

export function openStore(tf: Tensorflow, network: Network): Store {
  const learned: Learned[] = [];
  const moments = new Map<string, Float32Array>();
  const tensors = tensorsOf(network);
  for (const { layer, tensor, extents } of tensors) {
    if (isMoment(tensor)) moments.set(key(layer, tensor), new Float32Array(product(extents)));
    else learned.push({ layer, tensor, value: tf.tidy(() => tf.variable(tf.zeros(extents))) });
  }
  const learnedOf = new Map(learned.map((each) => [key(each.layer, each.tensor), each]));
  const variables = byLayer(learned.map(({ layer, tensor, value }) => [layer, tensor, value] as const));

  function readOne(layer: string, tensor: string): Float32Array {
    const at = key(layer, tensor);
    return (moments.get(at) ?? (learnedOf.get(at)!.value.dataSync() as Float32Array)).slice();
  }

  return {
    learned,
    moments,
    variables: (layer) => variables[layer] ?? {},
    running: (layer) => ({ mean: moments.get(key(layer, 'mean'))!, variance: moments.get(key(layer, 'variance'))! }),
    read: () => byLayer(tensors.map(({ layer, tensor }) => [layer, tensor, readOne(layer, tensor)] as const)),
    write(parameters) {
      for (const { layer, tensor, extents } of tensors) {
        const values = parameters[layer]?.[tensor];
        if (!values) continue;
        const count = product(extents);
        if (values.length !== count) throw new Error(`${layer}.${tensor} has ${values.length} values; the network needs ${count}`);
        if (isMoment(tensor)) moments.get(key(layer, tensor))!.set(values);
        else tf.tidy(() => learnedOf.get(key(layer, tensor))!.value.assign(tf.tensor(values.slice(), extents)));
      }
    },
    freezeZeros() {
      for (const each of learned) {
        if (each.tensor !== 'weight') continue;
        const before = each.keep;
        each.keep = tf.tidy(() => {
          const nonZero = tf.notEqual(each.value, 0);
          return before ? tf.logicalAnd(before, nonZero) : nonZero;
        });
        before?.dispose();
      }
    },
    dispose() {
      for (const { value, keep } of learned) tf.dispose(keep ? [value, keep] : [value]);
    },
  };
}

/** By layer and tensor, as in `Parameters`. */
export function byLayer<Value>(entries: readonly (readonly [layer: string, tensor: string, value: Value])[]) {
  const all: { [layer: string]: { [tensor: string]: Value } } = {};
  for (const [layer, tensor, value] of entries) {
    all[layer] ??= {};
    all[layer][tensor] = value;
  }
  return all;
}

type Extents = { readonly layer: string; readonly tensor: string; readonly extents: number[] };

function tensorsOf(network: Network): Extents[] {
  const shapes = shapesOf(network);
  return network.layers.flatMap((layer) =>
    Object.entries(operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes))).map(([tensor, extents]) => ({
      ...{ layer: layer.name, tensor },
      extents: [...extents],
    })),
  );
}

/** Followed, not learned. */
const isMoment = (tensor: string): boolean => tensor === 'mean' || tensor === 'variance';

const key = (layer: string, tensor: string): string => `${layer}\n${tensor}`;

const product = (extents: readonly number[]): number => extents.reduce((total, extent) => total * extent, 1);
