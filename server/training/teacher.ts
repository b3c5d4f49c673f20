import type { DataSet } from '../dataset/dataset.ts';
import { checkNetwork } from '../network/check.ts';
import type { Layer, Network } from '../network/network.ts';
import type { Engine } from './engine.ts';
import type { TrainingRecipe } from './recipe.ts';
import { train } from './train.ts';

type Lesson = {
  readonly network: Network;
  readonly data: DataSet;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  readonly cancelled?: () => boolean;
};

/** Trains a wider network by the recipe, without pruning, and returns its logits [count, classes] for the training samples. */
export function teach(engine: Engine, { network, data, recipe, seed, cancelled }: Lesson): Float32Array {
  const { distillation, quantization, ...plain } = recipe;
  const pruning = { structured: 0, unstructured: 0, from: 0, to: 1 };
  const teacher = train(engine, {
    network: widened(network, distillation?.width ?? 1),
    data,
    recipe: { ...plain, pruning },
    seed: seed + 1,
    cancelled,
  });
  const session = engine.open({ ...teacher, encoding: data.encoding, batch: recipe.batch, seed });
  const logits = session.predict(data.train);
  session.close();
  return logits;
}

/** The network with so many times as many filters and units; itself where a layer needs the number that it has (a sum with the input). */
export function widened(network: Network, width: number): Network {
  const last = network.layers.findLast(({ op }) => op === 'conv2d' || op === 'dense');
  const layers = network.layers.map((layer): Layer => {
    if (layer === last) return layer;
    if (layer.op === 'conv2d') return { ...layer, filters: Math.round(layer.filters * width) };
    return layer.op === 'dense' ? { ...layer, units: Math.round(layer.units * width) } : layer;
  });
  const wide = { ...network, layers };
  return checkNetwork(wide).faults.length === 0 ? wide : network;
}
