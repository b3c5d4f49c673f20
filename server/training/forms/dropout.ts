import type { Form, Layout } from './form.ts';

/**
 * Dropout (Srivastava et al. 2014) of the inputs of dense layers: each is left out with that probability, and the others count for it.
 * One draw holds for a block of 16 samples, where the original draws for each sample: masking weights is free, masking maps is not.
 */
export function dropout({ layers }: Layout, share: number): Form {
  const dense = layers.filter(({ drops }) => drops);
  const factors = dense.map(({ groups }) => new Float32Array(groups.count).fill(1));
  const scale = (values: Float32Array) => {
    dense.forEach(({ index, groups }, which) => {
      index.forEach((place, weight) => {
        values[place] *= factors[which][groups.of(weight)];
      });
    });
  };
  return {
    perBlock: true,
    tensors: {},
    draw(weights, learned, random) {
      for (const each of factors) for (let i = 0; i < each.length; i++) each[i] = random.next() < share ? 0 : 1 / (1 - share);
      weights.set(learned);
      scale(weights);
    },
    collect: scale,
    finish: () => {},
    settle(weights, learned) {
      weights.set(learned);
    },
  };
}
