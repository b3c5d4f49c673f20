import type { DataSet, Samples } from '../dataset/dataset.ts';
import type { Network, Parameters } from '../network/network.ts';
import { elements } from '../network/shape.ts';
import type { Ranges } from '../quantize/quantize.ts';
import type { Engine, Session, SessionOptions } from './engine.ts';
import { weakestChannels, withoutChannels } from './prune/channels.ts';
import { methods } from './prune/method.ts';
import { channelsLeft } from './prune/shape.ts';
import { foldNetwork, foldState } from './quantized/fold.ts';
import { channelShareAt, maskedShareAt, sparsityAt, type TrainingRecipe } from './recipe.ts';
import { lossFor } from './target.ts';

/** A network on its way through a recipe: it loses channels and weights, and may come to compute in integers. */
export type Course = {
  readonly session: Session;
  readonly network: Network;
  /** Of its layers, once it computes in integers. */
  readonly ranges?: Ranges;
  /** What is due before an epoch: fewer channels, or integers. Epochs are counted from 0. */
  begin(epoch: number): void;
  /** Prunes weights to the share that is due after that many epochs, fractions included. */
  prune(time: number): void;
  /** What is due after so many epochs. */
  end(epochs: number): void;
  /** Has it compute in integers from here on, whatever is due. */
  quantize(epoch: number): void;
};

export type CourseOptions = {
  readonly network: Network;
  readonly data: DataSet;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Weights to start from; layers that are missing are initialised. Zeros among the weights stay zero. */
  readonly parameters?: Parameters;
  /** Its logits [count, classes] for the training samples, where the recipe distils. */
  readonly teacher?: Float32Array;
};

/** Training samples that measure the scales of activations. */
const CALIBRATION = 1024;
/** Weights are pruned again when their share is to rise by this much. */
const SPARSITY_STEP = 0.02;

export function openCourse(engine: Engine, { network: original, data, recipe, seed, parameters, teacher }: CourseOptions): Course {
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

  return {
    get session() {
      return session;
    },
    get network() {
      return network;
    },
    get ranges() {
      return ranges;
    },
    begin(epoch) {
      shrink(epoch);
      if (isQuantized(epoch)) quantize(epoch);
    },
    prune,
    end(ended) {
      prune(ended);
      if (ended >= pruning.to * epochs || ended === epochs) endForm(ended);
    },
    quantize(epoch) {
      endForm(epoch);
      quantize(epoch);
    },
  };
}

const firstOf = (samples: Samples, count: number): Samples => {
  const kept = Math.min(count, samples.count);
  return { ...samples, count: kept, x: samples.x.subarray(0, kept * elements(samples.shape)), labels: samples.labels.subarray(0, kept) };
};
