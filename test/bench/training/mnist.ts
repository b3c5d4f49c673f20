import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataSet } from '../../../server/dataset/load.ts';
import { createRandom } from '../../../server/random.ts';
import { rateAt, type TrainingRecipe } from '../../../server/training/recipe.ts';
import { createEngine, type Variant } from '../../../server/training/wasm.ts';
import { networks } from './networks.ts';

const FOLDER = new URL('../../../../shared/data/mnist', import.meta.url).pathname;
const recipe: TrainingRecipe = {
  epochs: 6,
  batch: 64,
  learningRate: 0.006,
  weightDecay: 1e-4,
  schedule: 'oneCycle',
  pruning: { structured: 0, unstructured: 0, from: 0, to: 1 },
};

/** Processor seconds of training network A on MNIST until it knows that share of the test images; nothing where the data is not there. */
export async function secondsToAccuracy(variant: Variant, wanted: number): Promise<{ seconds: number; accuracy: number } | undefined> {
  if (!existsSync(FOLDER)) return undefined;
  const files = (split: string) => ({
    samples: join(FOLDER, `${split}-images-idx3-ubyte.gz`),
    labels: join(FOLDER, `${split}-labels-idx1-ubyte.gz`),
  });
  const { data, faults } = await loadDataSet({
    name: 'mnist',
    format: 'idx',
    train: files('train'),
    test: files('t10k'),
    validationShare: 0.02,
    testShare: 0,
    normalise: 'standard',
    seed: 1,
  });
  if (!data) throw new Error(faults[0].message);
  const session = createEngine({ variant }).open({
    network: networks.A,
    encoding: data.encoding,
    batch: recipe.batch,
    seed: createRandom(1).integer(100),
  });
  const begin = process.cpuUsage();
  for (let epoch = 0; epoch < recipe.epochs; epoch++) {
    session.trainEpoch(data.train, (progress) => rateAt(recipe, epoch + progress));
    const { accuracy } = session.evaluate(data.test);
    const { user, system } = process.cpuUsage(begin);
    if (accuracy >= wanted || epoch === recipe.epochs - 1) return { seconds: (user + system) / 1e6, accuracy };
  }
  return undefined;
}
