import type { Augmentation, LossRecipe, OptimiserRecipe, SessionOptions } from '../engine.ts';

/** Of every option whether it can train with it, or what it cannot do. A new option is to be named here before it is passed on. */
type Abilities<Options> = { readonly [Option in keyof Required<Options>]: true | string };

const session: Abilities<SessionOptions> = {
  network: true,
  encoding: true,
  batch: true,
  seed: true,
  parameters: true,
  state: true,
  augmentation: true,
  loss: true,
  optimiser: true,
  dropout: true,
  form: 'prune by a method that draws or masks weights anew as they are learned',
  quantized: 'compute in integers while it trains',
};
const augmentation: Abilities<Augmentation> = {
  shift: true,
  rotate: true,
  scale: true,
  flip: true,
  cutout: true,
  noise: true,
  mixup: true,
};
const loss: Abilities<LossRecipe> = { kind: true, smoothing: true, classWeights: true, distillation: true };
const optimiser: Abilities<OptimiserRecipe> = { kind: true, momentum: true, clip: true, average: true };

export const abilities = { session, augmentation, loss, optimiser };

/** What it cannot do it must not pass over: the network would be trained in another way than was asked for. */
export function refuseUnknown(options: Partial<SessionOptions>): void {
  refuse(abilities.session, options);
  refuse(abilities.augmentation, options.augmentation);
  refuse(abilities.loss, options.loss);
  refuse(abilities.optimiser, options.optimiser);
}

function refuse(able: { readonly [option: string]: true | string }, wishes: object = {}): void {
  for (const [option, value] of Object.entries(wishes)) {
    const can = Object.hasOwn(able, option) ? able[option] : `train with ${option}`;
    if (value !== undefined && can !== true) throw new Error(`the TensorFlow engine cannot ${can}; use the first engine`);
  }
}
