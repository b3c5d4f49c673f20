import { settingIndex } from './encode.ts';
import type { OptimiserRecipe, StepRate } from './engine.ts';
import type { Program } from './program.ts';
import type { Kernels } from './wasm.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Takes steps with the gradients that lie in the store. */
export type Optimiser = {
  steps: number;
  step(rate: StepRate): void;
  /** The exponential average of everything in the store, where it is kept. */
  readonly average?: Float32Array;
};

export function createOptimiser({ store, settings: at, update }: Program, kernels: Kernels, recipe: OptimiserRecipe): Optimiser {
  const floats = (address: number, count: number) => new Float32Array(kernels.buffer, address, count);
  const settings = floats(at, Object.keys(settingIndex).length);
  const values = floats(store.values, store.size);
  const gradients = floats(store.gradients, store.learned);
  const keep = new Int32Array(kernels.buffer, store.keep, store.learned);
  const average = recipe.average === undefined ? undefined : new Float32Array(store.size);
  const set = (name: keyof typeof settingIndex, value: number) => {
    settings[settingIndex[name]] = value;
  };

  function setRates({ learningRate, weightDecay }: StepRate, steps: number): void {
    set('decay', learningRate * weightDecay);
    if (recipe.kind === 'sgd') {
      set('rate', learningRate);
      set('momentum', recipe.momentum ?? 0);
      return;
    }
    const correction = Math.sqrt(1 - BETA2 ** steps);
    set('rate', (learningRate * correction) / (1 - BETA1 ** steps));
    set('epsilon', EPSILON * correction);
    set('beta1', BETA1);
    set('beta2', BETA2);
  }

  const optimiser: Optimiser = {
    steps: 0,
    average,
    step(rate) {
      const steps = ++optimiser.steps;
      if (recipe.clip !== undefined) shorten(gradients, keep, recipe.clip);
      setRates(rate, steps);
      kernels.run(update);
      if (average) follow(average, values, Math.min(recipe.average!, steps / (steps + 10)), steps);
    },
  };
  return optimiser;
}

/** What is masked does not move, and does not count. */
function shorten(gradients: Float32Array, keep: Int32Array, longest: number): void {
  const length = Math.sqrt(gradients.reduce((sum, each, i) => (keep[i] === 0 ? sum : sum + each * each), 0));
  if (!(length > longest)) return;
  for (let i = 0; i < gradients.length; i++) gradients[i] *= longest / length;
}

/** Early on the average forgets faster, as there is little to average; it begins with the first step's values. */
function follow(average: Float32Array, values: Float32Array, kept: number, steps: number): void {
  if (steps === 1) average.set(values);
  else for (let i = 0; i < average.length; i++) average[i] = values[i] + kept * (average[i] - values[i]);
}
