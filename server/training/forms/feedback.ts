import type { Form, Layout } from './form.ts';

/**
 * Dynamic pruning with feedback (Lin et al. 2020): the network computes with masked weights, and the gradient at them moves all
 * weights, so that a weight masked too soon may grow and come back when the mask is made anew.
 */
export function feedback({ size, layers }: Layout): Form {
  const mask = new Float32Array(size).fill(1);
  const settle = (weights: Float32Array, learned: Float32Array) => {
    for (let i = 0; i < size; i++) weights[i] = learned[i] * mask[i];
  };
  return {
    perBlock: false,
    tensors: { mask },
    draw: settle,
    settle,
    collect: () => {},
    finish: () => {},
    mask(kept) {
      for (const { name, index } of layers) {
        index.forEach((place, weight) => {
          mask[place] = kept[name].weight[weight];
        });
      }
    },
  };
}
