import type { DataSet } from '../dataset/dataset.ts';
import type { Network, Parameters } from '../network/network.ts';
import type { Engine, Evaluation, Session } from './engine.ts';
import { removeChannels } from './prune/channels.ts';
import { channelsLeft } from './prune/shape.ts';
import { pruneWeights } from './prune/weights.ts';
import { channelShareAt, rateAt, sparsityAt, type TrainingRecipe } from './recipe.ts';

export type { PruningRecipe, TrainingRecipe } from './recipe.ts';

export type TrainingOptions = {
  readonly network: Network;
  readonly data: DataSet;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Weights to start from; layers that are missing are initialised. Zeros among the weights stay zero. */
  readonly parameters?: Parameters;
  /** After each epoch; `stop` ends training there. */
  readonly onEpoch?: (report: EpochReport) => 'stop' | undefined;
  /** Asked before each step. */
  readonly cancelled?: () => boolean;
};

export type EpochReport = {
  /** 1 for the first. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss over the epoch's training samples. */
  readonly loss: number;
  readonly validation: Evaluation;
};

export type TrainingResult = {
  /** Smaller than the one given where channels were pruned. */
  readonly network: Network;
  readonly parameters: Parameters;
  readonly validation: Evaluation;
  readonly ended: TrainingEnd;
  /** Begun. */
  readonly epochs: number;
};

/** `diverged`: the loss was no longer finite. */
export type TrainingEnd = 'finished' | 'stopped' | 'cancelled' | 'diverged';

/** Weights are pruned again when their share is to rise by this much. */
const SPARSITY_STEP = 0.02;

/** Trains and prunes a network by a recipe. The same options give the same result, bit for bit, on one engine variant. */
export function train(
  engine: Engine,
  { network: original, data, recipe, seed, parameters, onEpoch, cancelled }: TrainingOptions,
): TrainingResult {
  const { epochs, batch, augmentation } = recipe;
  const open = (network: Network, from: Parameters | undefined, epoch: number): Session => {
    const session = engine.open({ network, encoding: data.encoding, batch, seed: seed + epoch, parameters: from, augmentation });
    if (from) session.freezeZeros();
    return session;
  };
  let network = original;
  let session = open(network, parameters, 0);
  let channelShare = 0;
  let sparsity = 0;

  function shrink(epoch: number): void {
    const share = channelShareAt(recipe, epoch);
    if (share <= channelShare) return;
    const smaller = removeChannels(network, session.read(), channelsLeft(original, share));
    session.close();
    network = smaller.network;
    session = open(network, smaller.parameters, epoch);
    channelShare = share;
    sparsity = 0;
  }

  function prune(time: number): void {
    const wanted = sparsityAt(recipe, time);
    if (wanted <= sparsity || (wanted < sparsity + SPARSITY_STEP && wanted < recipe.pruning.unstructured)) return;
    session.write(pruneWeights(network, session.read(), wanted));
    session.freezeZeros();
    sparsity = wanted;
  }

  let epoch = 0;
  let ended: TrainingEnd = 'finished';
  let validation: Evaluation | undefined;
  while (epoch < epochs && ended === 'finished') {
    const begin = epoch++;
    shrink(begin);
    let stop = false;
    const loss = session.trainEpoch(data.train, (progress) => {
      stop = cancelled?.() ?? false;
      if (stop) return undefined;
      prune(begin + progress);
      return rateAt(recipe, begin + progress);
    });
    if (stop) {
      ended = 'cancelled';
      break;
    }
    if (Number.isFinite(loss)) prune(epoch);
    else ended = 'diverged';
    validation = session.evaluate(data.validation);
    const answer = onEpoch?.({ epoch, epochs, loss, validation });
    if (answer === 'stop' && ended === 'finished') ended = 'stopped';
  }
  const result = { network, parameters: session.read(), validation: validation ?? session.evaluate(data.validation), ended, epochs: epoch };
  session.close();
  return result;
}
