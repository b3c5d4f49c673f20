import type { Genotype } from '../../server/search/genotype.ts';
import type { Finished } from '../../server/search/trial.ts';

export const someGenotype: Genotype = {
  architecture: {
    blocks: [{ layers: [{ type: 'conv2d', kernel: 3, filters: 4, stride: 1, padding: 'same', batchNorm: true }], residual: false }],
    branches: [],
    head: 'globalAverage',
    dense: [],
  },
  training: { learningRate: 0.003, weightDecay: 0 },
  pruning: { structured: 0, unstructured: 0.5 },
};

/** A finished trial with the given figures. */
export function trialOf(given: { id: number; accuracy: number; ramBytes: number; flashBytes?: number }): Finished {
  const { id, accuracy, ramBytes, flashBytes = 1000 } = given;
  return {
    id,
    genotype: someGenotype,
    network: { input: { height: 8, width: 8, channels: 1 }, layers: [{ op: 'dense', name: 'logits', inputs: ['input'], units: 2 }] },
    price: { ramBytes, flashBytes, size: 10, wm1: 20, wm2: 30, macs: 40 },
    durationMs: 1000,
    status: 'finished',
    accuracy,
  };
}
