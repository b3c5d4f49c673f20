import * as z from 'zod';
import { real } from './bounds.ts';

export const weightBits = z.literal([8, 4, 2, 'ternary']);

export const quantization = z
  .strictObject({
    weights: weightBits.default(8).meta({
      description:
        'Bits of the weights, where a layer does not say it itself; `ternary` weights are -1, 0 and 1. Fewer bits take less flash.',
    }),
    activations: z.literal([8, 4]).default(8).meta({
      description: 'Bits of the values that go from layer to layer. With 4 they are -8 to 7, and 0 to 7 behind a ReLU.',
    }),
    powerOfTwo: z.boolean().default(false).meta({
      description:
        'Chooses scales so that sums are brought to the next layer by a shift, without a multiplication: faster on the smallest chips.',
    }),
    learnedStep: z.boolean().default(false).meta({
      description: 'Learns the scales of weights and activations together with the weights (learned step size).',
    }),
    from: real(0, 1).optional().meta({
      description:
        'When training begins to compute as the chip does, as a part of the epochs; never before pruning ends. Left out, at 0.4 of the final epochs of the chosen candidate; with fewer than 8 bits, when pruning ends, in every training.',
    }),
  })
  .prefault({})
  .meta({ description: 'The integers that the chip computes with.' });
