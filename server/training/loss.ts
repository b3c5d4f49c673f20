import type { LossRecipe } from './engine.ts';

/** Computes a block's loss where the kernel's plain cross-entropy does not serve. */
export type Loss = {
  /**
   * Reads the block's logits, writes their gradient, and returns the block's share of the mean loss; all times `scale`, 1 / samples in
   * the step. `targets` are [sample][class]: how much of each sample is each class.
   */
  block(logits: Rows, gradient: Rows, targets: Targets, scale: number): number;
};

/** Planes of a block, one for each class, 16 samples each. */
export type Rows = readonly Float32Array[];

export type Targets = {
  readonly valid: number;
  /** [class][sample] */
  readonly shares: Rows;
  /** Each sample's index among the training samples, for the teacher. */
  readonly indices: Uint32Array;
};

export function createLoss({ kind = 'crossEntropy', smoothing = 0, classWeights, distillation }: LossRecipe, classes: number): Loss {
  const wanted = new Float64Array(classes);
  const teacher = new Float64Array(classes);
  const found = new Float64Array(classes);

  /** Adds the cross-entropy of softmax(logits / temperature) with `wanted`, and its gradient by the logits. */
  function crossEntropy(logits: Rows, gradient: Rows, sample: number, by: Float64Array, factor: number, temperature: number): number {
    softmax(found, (k) => logits[k][sample] / temperature);
    let loss = 0;
    for (let k = 0; k < classes; k++) {
      loss -= by[k] * Math.log(Math.max(found[k], Number.MIN_VALUE));
      gradient[k][sample] += (factor / temperature) * (found[k] - by[k]);
    }
    return factor * loss;
  }

  function meanSquare(logits: Rows, gradient: Rows, sample: number, factor: number): number {
    let loss = 0;
    for (let k = 0; k < classes; k++) {
      const error = logits[k][sample] - wanted[k];
      loss += (error * error) / (2 * classes);
      gradient[k][sample] += (factor * error) / classes;
    }
    return factor * loss;
  }

  return {
    block(logits, gradient, { valid, shares, indices }, scale) {
      let loss = 0;
      for (const row of gradient) row.fill(0);
      for (let sample = 0; sample < valid; sample++) {
        let weight = scale;
        for (let k = 0; k < classes; k++) wanted[k] = shares[k][sample];
        if (classWeights) weight *= wanted.reduce((sum, share, k) => sum + share * classWeights[k], 0);
        for (let k = 0; k < classes; k++) wanted[k] = (1 - smoothing) * wanted[k] + smoothing / classes;
        const ofLabels = weight * (1 - (distillation?.share ?? 0));
        loss +=
          kind === 'meanSquare'
            ? meanSquare(logits, gradient, sample, ofLabels)
            : crossEntropy(logits, gradient, sample, wanted, ofLabels, 1);
        if (!distillation) continue;
        const { temperature, share } = distillation;
        softmax(teacher, (k) => distillation.teacher[indices[sample] * classes + k] / temperature);
        loss += crossEntropy(logits, gradient, sample, teacher, weight * share * temperature ** 2, temperature);
      }
      return loss;
    },
  };
}

function softmax(into: Float64Array, logit: (k: number) => number): void {
  let most = -Infinity;
  for (let k = 0; k < into.length; k++) most = Math.max(most, logit(k));
  let total = 0;
  for (let k = 0; k < into.length; k++) {
    into[k] = Math.exp(logit(k) - most);
    total += into[k];
  }
  for (let k = 0; k < into.length; k++) into[k] /= total;
}
