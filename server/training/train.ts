import type { DataSet, Samples } from '../dataset/dataset.ts';
import { isNarrow } from '../network/bits.ts';
import type { Network, Parameters } from '../network/network.ts';
import { elements } from '../network/shape.ts';
import type { Ranges } from '../quantize/quantize.ts';
import type { Engine, Evaluation, Session, SessionOptions } from './engine.ts';
import { weakestChannels, withoutChannels } from './prune/channels.ts';
import { methods } from './prune/method.ts';
import { channelsLeft } from './prune/shape.ts';
import { foldNetwork, foldState } from './quantized/fold.ts';
import { channelShareAt, maskedShareAt, rateAt, sparsityAt, type TrainingRecipe } from './recipe.ts';
import { lossFor } from './target.ts';

export type { PruningRecipe, TrainingRecipe } from './recipe.ts';

export type TrainingOptions = {
  readonly network: Network;
  readonly data: DataSet;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Weights to start from; layers that are missing are initialised. Zeros among the weights stay zero. */
  readonly parameters?: Parameters;
  /** Its logits [count, classes] for the training samples, where the recipe distils. */
  readonly teacher?: Float32Array;
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
  /** Smaller than the one given where channels were pruned, and without batch norm where it was trained as quantised. */
  readonly network: Network;
  readonly parameters: Parameters;
  /** Those that it was trained with as quantised: `quantize` with them gives the network that was evaluated. */
  readonly ranges?: Ranges;
  readonly validation: Evaluation;
  readonly ended: TrainingEnd;
  /** The step of its epoch, from 1, whose loss was not finite, where training diverged; the epoch is the last begun. */
  readonly divergedStep?: number;
  /** Begun. */
  readonly epochs: number;
};

/** `diverged`: the loss was no longer finite. */
export type TrainingEnd = 'finished' | 'stopped' | 'cancelled' | 'diverged';

/** Training samples that measure the scales of activations. */
const CALIBRATION = 1024;
/** Weights are pruned again when their share is to rise by this much. */
const SPARSITY_STEP = 0.02;

/** Trains and prunes a network by a recipe. The same options give the same result, bit for bit, on one engine variant. */
export function train(
  engine: Engine,
  { network: original, data, recipe, seed, parameters, teacher, onEpoch, cancelled }: TrainingOptions,
): TrainingResult {
  const { epochs, batch, augmentation, optimiser, dropout, pruning } = recipe;
  const loss = lossFor(recipe, data, teacher);
  const method = methods[pruning.method ?? 'magnitude'];
  const prunes = pruning.structured > 0 || pruning.unstructured > 0 || pruning.method !== undefined;
  let form = prunes ? method.form : undefined;
  const open = (network: Network, from: Pick<SessionOptions, 'parameters' | 'state' | 'quantized'>, epoch: number): Session => {
    const recipes = { augmentation, optimiser, loss, dropout, form };
    const session = engine.open({ network, encoding: data.encoding, batch, seed: seed + epoch, ...recipes, ...from });
    if (from.parameters || from.state) session.freezeZeros();
    return session;
  };
  let network = original;
  let session = open(network, { parameters }, 0);
  let channelShare = 0;
  let sparsity = 0;
  let ranges: Ranges | undefined;

  /** Goes on with fewer channels, and with the optimiser's state of those that stay. */
  function shrink(epoch: number): void {
    const share = channelShareAt(recipe, epoch);
    if (!method.gradual || share <= channelShare) return;
    const { trace, removed } = weakestChannels(network, session.read(), channelsLeft(original, share));
    const smaller = (each: Parameters) => withoutChannels(network, each, trace, removed);
    const state = session.state?.();
    const tensors = state && Object.entries(state.tensors).map(([role, each]) => [role, smaller(each).parameters]);
    const from = state
      ? { state: { ...state, tensors: Object.fromEntries(tensors!) } }
      : { parameters: smaller(session.read()).parameters };
    const { network: left } = smaller(session.read());
    session.close();
    network = left;
    session = open(network, from, epoch);
    channelShare = share;
    sparsity = 0;
  }

  function prune(time: number): void {
    const [weights, channels] = [sparsityAt(recipe, time), method.masks ? maskedShareAt(recipe, time) : channelShare];
    const rises = (from: number, to: number, most: number) => to > from && (to >= from + SPARSITY_STEP || to >= most);
    if (!rises(sparsity, weights, pruning.unstructured) && !rises(channelShare, channels, pruning.structured)) return;
    if (!method.form || form) method.prune?.(session, network, weights, channelsLeft(original, channels));
    [sparsity, channelShare] = [weights, channels];
  }

  /** From here on weights are learned as they are, and those that are pruned stay so. */
  function endForm(epoch: number): void {
    if (!form) return;
    const state = session.state?.();
    const { network: left, parameters, moments } = method.end!(session, network, pruning, channelsLeft(original, pruning.structured), data);
    session.close();
    form = undefined;
    network = left;
    const { first, second } = state?.tensors ?? {};
    const tensors = first && second && { value: parameters, first: moments(first, 1), second: moments(second, 2) };
    session = open(network, state && tensors ? { state: { ...state, tensors } } : { parameters }, epoch);
  }

  /** Whether an epoch is to be trained in integers; scales that are not learned are measured anew before each. */
  function isQuantized(begin: number): boolean {
    const { quantization } = recipe;
    if (!quantization || form || (ranges && quantization.learnedStep)) return false;
    return begin >= Math.max(quantization.from, prunes ? pruning.to : 0) * epochs;
  }

  /** From here on the network computes in integers. */
  function quantize(begin: number): void {
    const [state, read] = [session.state?.(), session.read()];
    session.close();
    const folded = ranges ? { network, parameters: read } : foldNetwork(network, read);
    const goesOn = ranges ? state : state && foldState(network, read, folded.parameters, state);
    network = folded.network;
    const probe = engine.open({ ...folded, encoding: data.encoding, batch, seed });
    ranges = probe.ranges(firstOf(data.train, CALIBRATION));
    probe.close();
    const quantized = { ranges, learnedStep: recipe.quantization?.learnedStep };
    session = open(network, { ...(goesOn ? { state: goesOn } : { parameters: folded.parameters }), quantized }, begin);
  }

  let epoch = 0;
  let ended: TrainingEnd = 'finished';
  let step = 0;
  let validation: Evaluation | undefined;
  while (epoch < epochs && ended === 'finished') {
    const begin = epoch++;
    shrink(begin);
    if (isQuantized(begin)) quantize(begin);
    let stop = false;
    step = 0;
    const loss = session.trainEpoch(data.train, (progress) => {
      stop = cancelled?.() ?? false;
      if (stop) return undefined;
      step++;
      prune(begin + progress);
      return rateAt(recipe, begin + progress);
    });
    if (stop) {
      ended = 'cancelled';
      break;
    }
    if (!Number.isFinite(loss)) ended = 'diverged';
    else {
      prune(epoch);
      if (epoch >= pruning.to * epochs || epoch === epochs) endForm(epoch);
    }
    validation = session.evaluate(data.validation);
    const answer = onEpoch?.({ epoch, epochs, loss, validation });
    if (answer === 'stop' && ended === 'finished') ended = 'stopped';
  }
  if (ended === 'stopped' && recipe.quantization && !ranges && isNarrow(network)) {
    // A network of few bits is worth nothing until it was trained in them: an epoch shows what it may come to.
    endForm(epoch);
    quantize(epoch);
    const loss = session.trainEpoch(data.train, (progress) => (cancelled?.() ? undefined : rateAt(recipe, epoch + progress)));
    if (!Number.isFinite(loss)) ended = 'diverged';
    validation = session.evaluate(data.validation);
  }
  const trained = { network, parameters: session.read(), ...(ranges && { ranges: session.ranges(data.validation) }) };
  const result = {
    ...trained,
    validation: validation ?? session.evaluate(data.validation),
    ended,
    epochs: epoch,
    ...(ended === 'diverged' && { divergedStep: step }),
  };
  session.close();
  return result;
}

const firstOf = (samples: Samples, count: number): Samples => {
  const kept = Math.min(count, samples.count);
  return { ...samples, count: kept, x: samples.x.subarray(0, kept * elements(samples.shape)), labels: samples.labels.subarray(0, kept) };
};
