import type { DataSet, Samples } from '../dataset/dataset.ts';
import type { Device } from '../device/device.ts';
import type { Network, Parameters } from '../network/network.ts';
import { elements } from '../network/shape.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { quantize, type Ranges } from '../quantize/quantize.ts';
import { goesOn, type Rung, unfinishedPoint } from '../search/halving.ts';
import type { Objective } from '../search/objective.ts';
import type { Price } from '../search/trial.ts';
import type { Engine, SessionOptions } from '../training/engine.ts';
import { teach } from '../training/teacher.ts';
import { type EpochReport, type TrainingRecipe, train } from '../training/train.ts';
import { accuracyOf } from './accuracy.ts';
import { priceOf } from './price.ts';

/** A network to be trained, and how. */
export type Task = {
  readonly network: Network;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Weights to go on from; zeros among them stay. */
  readonly parameters?: Parameters;
  /** Where training may end early, and what for; the price is that before training. */
  readonly halving?: { readonly rungs: readonly Rung[]; readonly objectives: readonly Objective[]; readonly price: Price };
};

/** A network trained, pruned, quantised and priced again. */
export type Evaluated = {
  /** As training left it: smaller than the task's where channels were pruned. */
  readonly network: Network;
  readonly parameters: Parameters;
  /** Extremes of each layer's output over calibration samples of the training split. */
  readonly ranges: Ranges;
  readonly price: Price;
  /** Of the int8 network over the whole validation split, 0..1. */
  readonly accuracy: number;
  /** Of the float network, as the engine measured it. */
  readonly floatAccuracy: number;
  /** Trained, and the float accuracy at each rung that was reached. */
  readonly epochs: number;
  readonly rungs: readonly number[];
  /** At the last of them. */
  readonly stopped: boolean;
};

/** Why there is no such network: no fault of the program, so the next training may do better. */
export type Unusable = { readonly unusable: string };

/** Training samples that calibrate the int8 network. */
const CALIBRATION = 1024;

export function evaluate(
  engine: Engine,
  data: DataSet,
  device: Device,
  { network: proposed, recipe, seed, parameters: inherited, halving }: Task,
  hooks: { onEpoch?: (report: EpochReport) => void; cancelled?: () => boolean } = {},
): Evaluated | Unusable {
  const { onEpoch, cancelled } = hooks;
  const rungs: number[] = [];
  const teacher = recipe.distillation && teach(engine, { network: proposed, data, recipe, seed, cancelled });
  const trained = train(engine, {
    network: proposed,
    data,
    recipe,
    seed,
    parameters: inherited,
    teacher,
    cancelled,
    onEpoch: (report) => {
      onEpoch?.(report);
      const rung = halving?.rungs[rungs.length];
      if (!halving || rung?.epoch !== report.epoch) return undefined;
      const { accuracy } = report.validation;
      rungs.push(accuracy);
      return goesOn(unfinishedPoint(halving.price, accuracy, halving.objectives), rung) ? undefined : 'stop';
    },
  });
  if (trained.ended === 'cancelled') throw new Error('cancelled');
  if (trained.ended === 'diverged')
    return {
      unusable: `training diverged in step ${trained.divergedStep} of epoch ${trained.epochs}: the loss is no longer finite; a smaller learning rate may help`,
    };
  const { network, parameters } = trained;
  const ranges = trained.ranges ?? calibrate(engine, data, { network, parameters, batch: recipe.batch, seed });
  const quantized = inIntegers(() => quantize(network, parameters, data.encoding, ranges));
  if ('unusable' in quantized) return quantized;
  return {
    network,
    parameters,
    ranges,
    price: priceOf(device, network, parameters),
    accuracy: accuracyOf(engine, data, network, quantized),
    floatAccuracy: trained.validation.accuracy,
    epochs: trained.epochs,
    rungs,
    stopped: trained.ended === 'stopped',
  };
}

/** The ranges of a network that was not trained with its own. */
function calibrate(engine: Engine, data: DataSet, options: Omit<SessionOptions, 'encoding'>): Ranges {
  const session = engine.open({ ...options, encoding: data.encoding });
  const ranges = session.ranges(first(data.train, CALIBRATION));
  session.close();
  return ranges;
}

/** Scales may be so far apart that the integer arithmetic cannot hold them. */
function inIntegers(make: () => QuantizedNetwork): QuantizedNetwork | Unusable {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return { unusable: error.message };
    throw error;
  }
}

const first = (samples: Samples, count: number): Samples => {
  const kept = Math.min(count, samples.count);
  return { ...samples, count: kept, x: samples.x.subarray(0, kept * elements(samples.shape)), labels: samples.labels.subarray(0, kept) };
};
