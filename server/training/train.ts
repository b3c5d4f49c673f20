import type { DataSet } from '../dataset/dataset.ts';
import type { Network, Parameters } from '../network/network.ts';
import type { Engine, Evaluation, Session } from './engine.ts';
import { removeChannels } from './prune/channels.ts';
import { furtherShare, STRUCTURED_STEPS } from './prune/steps.ts';
import { pruneWeights, rampedSparsity } from './prune/weights.ts';

export type TrainingRecipe = {
  readonly epochs: number;
  /** Samples per step. */
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: 'cosine' | 'constant';
  /** Epochs, a fraction too, in which the learning rate rises from 0; none without it. */
  readonly warmup?: number;
  readonly pruning: PruningRecipe;
};

export type PruningRecipe = {
  /** Share of the channels of each layer to remove, 0..0.9. */
  readonly structured: number;
  /** Share of the weights that are left to set to zero, 0..0.99. */
  readonly unstructured: number;
  /** When, as shares of the epochs; pruning happens at the ends of epochs. */
  readonly from: number;
  readonly to: number;
};

export type TrainingOptions = {
  readonly network: Network;
  readonly data: DataSet;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Weights to start from; layers that are missing are initialised. Zeros among them are kept. */
  readonly parameters?: Parameters;
  /** After each epoch; `stop` ends training there. */
  readonly onEpoch?: (report: EpochReport) => 'stop' | undefined;
  /** Asked before each epoch. */
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
  /** Why training ended; `diverged`: the loss was no longer finite. */
  readonly ended: 'finished' | 'stopped' | 'cancelled' | 'diverged';
  readonly epochs: number;
};

/** Trains and prunes a network by a recipe. Deterministic for one engine variant. */
export function train(engine: Engine, options: TrainingOptions): TrainingResult {
  const { data, recipe, seed, onEpoch, cancelled } = options;
  let network = options.network;
  let session = open(engine, options, network, seed, options.parameters);
  let structuredSteps = 0;
  let ended: TrainingResult['ended'] = 'finished';
  let validation: Evaluation | undefined;
  let epoch = 0;
  while (epoch < recipe.epochs) {
    if (cancelled?.()) {
      ended = 'cancelled';
      break;
    }
    const loss = session.trainEpoch(data.train, (progress) => ({
      learningRate: learningRate(recipe, epoch + progress),
      weightDecay: recipe.weightDecay,
    }));
    epoch++;
    if (!Number.isFinite(loss)) {
      ended = 'diverged';
      validation = undefined;
      break;
    }
    const due = structuredDue(recipe, epoch);
    if (due > structuredSteps) {
      const smaller = removeChannels(network, session.read(), furtherShare(recipe.pruning.structured, structuredSteps, due));
      structuredSteps = due;
      session.close();
      network = smaller.network;
      session = open(engine, options, network, seed + epoch, smaller.parameters);
    }
    pruneSession(session, network, recipe, epoch);
    validation = session.evaluate(data.validation);
    if (onEpoch?.({ epoch, epochs: recipe.epochs, loss, validation }) === 'stop' && epoch < recipe.epochs) {
      ended = 'stopped';
      break;
    }
  }
  validation ??= session.evaluate(data.validation);
  const parameters = session.read();
  session.close();
  return { network, parameters, validation, ended, epochs: epoch };
}

/** The learning rate after that many epochs, fractions included. */
export function learningRate({ learningRate, schedule, warmup = 0, epochs }: TrainingRecipe, time: number): number {
  if (time < warmup) return (learningRate * time) / warmup;
  if (schedule === 'constant') return learningRate;
  return (learningRate * (1 + Math.cos((Math.PI * (time - warmup)) / Math.max(1e-9, epochs - warmup)))) / 2;
}

function open(engine: Engine, { data, recipe }: TrainingOptions, network: Network, seed: number, parameters?: Parameters): Session {
  const session = engine.open({ network, encoding: data.encoding, batch: recipe.batch, seed, parameters });
  if (parameters) session.freezeZeros();
  return session;
}

function pruneSession(session: Session, network: Network, { pruning, epochs }: TrainingRecipe, epoch: number): void {
  const sparsity = rampedSparsity(pruning.unstructured, rampProgress(pruning, epoch, epochs));
  if (sparsity <= 0) return;
  session.write(pruneWeights(network, session.read(), sparsity));
  session.freezeZeros();
}

/** Steps of structured pruning due at the end of an epoch; they are spread evenly from `from` to `to`. */
function structuredDue({ pruning, epochs }: TrainingRecipe, epoch: number): number {
  if (pruning.structured <= 0 || epoch / epochs < pruning.from) return 0;
  return Math.min(STRUCTURED_STEPS, 1 + Math.floor(rampProgress(pruning, epoch, epochs) * (STRUCTURED_STEPS - 1)));
}

const rampProgress = ({ from, to }: PruningRecipe, epoch: number, epochs: number): number =>
  to > from ? (epoch / epochs - from) / (to - from) : Number(epoch / epochs >= to);
