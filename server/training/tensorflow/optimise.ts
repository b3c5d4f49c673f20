import type { Parameters } from '../../network/network.ts';
import type { OptimiserRecipe, StepRate } from '../engine.ts';
import type { Tensor, Tensorflow, Variable } from './library.ts';
import { byLayer, type Learned, type Store } from './store.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Takes steps with gradients that come in the order of what is learned. */
export type Optimiser = {
  steps: number;
  step(gradients: readonly Tensor[], rate: StepRate): void;
  /** The moments by role, laid out like the parameters: of Adam two, of SGD the velocity alone, as `first`. */
  read(): { [role in Role]: Parameters };
  write(moments: { readonly [role in Role]?: Parameters }): void;
  dispose(): void;
};

type Role = 'first' | 'second';
type Moments = { readonly [role in Role]: Variable };

/** Lets `average` follow the store, where the recipe wants an exponential average. */
export function openOptimiser(tf: Tensorflow, recipe: OptimiserRecipe, store: Store, average: Store | undefined): Optimiser {
  const zeros = ({ value }: Learned) => tf.tidy(() => tf.variable(tf.zerosLike(value)));
  const moments: Moments[] = store.learned.map((learned) => ({ first: zeros(learned), second: zeros(learned) }));
  const read = (role: Role) =>
    byLayer(store.learned.map(({ layer, tensor }, i) => [layer, tensor, (moments[i][role].dataSync() as Float32Array).slice()] as const));

  const optimiser: Optimiser = {
    steps: 0,
    step(gradients, rate) {
      const steps = ++optimiser.steps;
      const change = recipe.kind === 'sgd' ? velocity(tf, recipe.momentum ?? 0, rate) : adam(tf, steps, rate);
      (recipe.clip === undefined ? gradients : shortened(tf, gradients, store, recipe.clip)).forEach((gradient, which) => {
        const { tensor, value, keep } = store.learned[which];
        const kept = tensor === 'weight' ? 1 - rate.learningRate * rate.weightDecay : 1;
        const next = tf.sub(tf.mul(value, kept), change(gradient, moments[which]));
        value.assign(keep ? tf.where(keep, next, tf.zerosLike(next)) : next);
      });
      // Early on the average forgets faster, as there is little to average; it begins with the first step's values.
      if (average) follow(tf, average, store, steps === 1 ? 0 : Math.min(recipe.average!, steps / (steps + 10)));
    },
    read: () => ({ first: read('first'), second: read('second') }),
    write(given) {
      for (const role of ['first', 'second'] as const) {
        store.learned.forEach(({ layer, tensor }, which) => {
          const values = given[role]?.[layer]?.[tensor];
          const variable = moments[which][role];
          if (values) tf.tidy(() => variable.assign(tf.tensor(values.slice(), variable.shape)));
        });
      }
    },
    dispose: () => tf.dispose(moments),
  };
  return optimiser;
}

type Change = (gradient: Tensor, moments: Moments) => Tensor;

/**
 * Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019): only tensors named `weight` decay. Epsilon is
 * added to the root of the corrected variance.
 */
function adam(tf: Tensorflow, steps: number, { learningRate }: StepRate): Change {
  const correction = Math.sqrt(1 - BETA2 ** steps);
  const length = (learningRate * correction) / (1 - BETA1 ** steps);
  return (gradient, { first, second }) => {
    first.assign(tf.add(tf.mul(gradient, 1 - BETA1), tf.mul(first, BETA1)));
    second.assign(tf.add(tf.mul(tf.square(gradient), 1 - BETA2), tf.mul(second, BETA2)));
    return tf.div(tf.mul(first, length), tf.add(tf.sqrt(second), EPSILON * correction));
  };
}

function velocity(tf: Tensorflow, momentum: number, { learningRate }: StepRate): Change {
  return (gradient, { first }) => {
    first.assign(tf.add(tf.mul(first, momentum), gradient));
    return tf.mul(first, learningRate);
  };
}

/** What is masked does not move, and does not count. */
function shortened(tf: Tensorflow, gradients: readonly Tensor[], { learned }: Store, longest: number): readonly Tensor[] {
  const moving = (gradient: Tensor, keep?: Tensor) => (keep ? tf.where(keep, gradient, tf.zerosLike(gradient)) : gradient);
  const squares = gradients.map((gradient, which) => tf.sum(tf.square(moving(gradient, learned[which].keep))).dataSync()[0]);
  const length = Math.sqrt(squares.reduce((sum, each) => sum + each, 0));
  return length > longest ? gradients.map((gradient) => tf.mul(gradient, longest / length)) : gradients;
}

function follow(tf: Tensorflow, average: Store, store: Store, kept: number): void {
  average.learned.forEach(({ value: old }, which) => {
    const { value } = store.learned[which];
    old.assign(tf.add(value, tf.mul(tf.sub(old, value), kept)));
  });
  for (const [name, old] of average.moments) {
    const values = store.moments.get(name)!;
    for (let i = 0; i < old.length; i++) old[i] = values[i] + kept * (old[i] - values[i]);
  }
}
