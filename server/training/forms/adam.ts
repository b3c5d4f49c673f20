const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export type Adam = {
  step(values: Float32Array, gradient: Float32Array, learningRate: number): void;
  readonly first: Float32Array;
  readonly second: Float32Array;
  steps(): number;
  /** Goes on as after so many steps; the moments are to be those that they left. */
  resume(steps: number): void;
};

/** Adam for the few numbers that a form learns beside the weights; its moments begin at zero with it. */
export function createAdam(size: number): Adam {
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  let steps = 0;
  return {
    first,
    second,
    step(values, gradient, learningRate) {
      steps++;
      const correction = Math.sqrt(1 - BETA2 ** steps);
      const rate = (learningRate * correction) / (1 - BETA1 ** steps);
      for (let i = 0; i < size; i++) {
        first[i] += (1 - BETA1) * (gradient[i] - first[i]);
        second[i] += (1 - BETA2) * (gradient[i] * gradient[i] - second[i]);
        values[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + EPSILON * correction);
      }
    },
    steps: () => steps,
    resume(count) {
      steps = count;
    },
  };
}
