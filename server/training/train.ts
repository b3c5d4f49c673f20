import { isNarrow } from '../network/bits.ts';
import type { Network, Parameters } from '../network/network.ts';
import type { Ranges } from '../quantize/quantize.ts';
import { type CourseOptions, openCourse } from './course.ts';
import type { Engine, Evaluation } from './engine.ts';
import { rateAt } from './recipe.ts';

export type { PruningRecipe, TrainingRecipe } from './recipe.ts';

export type TrainingOptions = CourseOptions & {
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

/** Trains and prunes a network by a recipe. The same options give the same result, bit for bit, on one engine variant. */
export function train(engine: Engine, { onEpoch, cancelled, ...options }: TrainingOptions): TrainingResult {
  const { data, recipe } = options;
  const { epochs } = recipe;
  const course = openCourse(engine, options);
  let epoch = 0;
  let ended: TrainingEnd = 'finished';
  let step = 0;
  let validation: Evaluation | undefined;
  while (epoch < epochs && ended === 'finished') {
    const begin = epoch++;
    course.begin(begin);
    let stop = false;
    step = 0;
    const loss = course.session.trainEpoch(data.train, (progress) => {
      stop = cancelled?.() ?? false;
      if (stop) return undefined;
      step++;
      course.prune(begin + progress);
      return rateAt(recipe, begin + progress);
    });
    if (stop) {
      ended = 'cancelled';
      break;
    }
    if (!Number.isFinite(loss)) ended = 'diverged';
    else course.end(epoch);
    validation = course.session.evaluate(data.validation);
    const answer = onEpoch?.({ epoch, epochs, loss, validation });
    if (answer === 'stop' && ended === 'finished') ended = 'stopped';
  }
  if (ended === 'stopped' && recipe.quantization && !course.ranges && isNarrow(course.network)) {
    // A network of few bits is worth nothing until it was trained in them: an epoch shows what it may come to.
    course.quantize(epoch);
    const loss = course.session.trainEpoch(data.train, (progress) => (cancelled?.() ? undefined : rateAt(recipe, epoch + progress)));
    if (!Number.isFinite(loss)) ended = 'diverged';
    validation = course.session.evaluate(data.validation);
  }
  const { session, network, ranges } = course;
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
