import { z } from 'zod';
import { real, whole } from './bounds.ts';

export const training = z
  .strictObject({
    epochs: whole(1, 10_000).default(8).meta({ description: 'Passes over the training samples for each candidate.' }),
    finalEpochs: whole(1, 10_000).optional().meta({ description: 'Passes for the chosen candidate. Left out, as many as `epochs`.' }),
    seeds: whole(1, 20)
      .default(1)
      .meta({ description: 'From how many seeds the chosen configuration is trained; with several, mean and deviation are reported.' }),
    batch: whole(1, 4096).default(64).meta({ description: 'Samples per step of the optimiser.' }),
    learningRate: real(1e-7, 1).default(0.003).meta({ description: 'Step size of the optimiser (Adam).' }),
    weightDecay: real(0, 1).default(0.0001).meta({ description: 'Pull of the weights towards zero, decoupled from the gradient (AdamW).' }),
    schedule: z
      .enum(['cosine', 'constant'])
      .default('cosine')
      .meta({ description: '`cosine` lowers the learning rate to zero along a half cosine; `constant` keeps it.' }),
    augmentation: z
      .strictObject({
        shift: whole(0, 64).default(0).meta({ description: 'Samples are moved by up to this many pixels in each direction.' }),
      })
      .prefault({})
      .meta({ description: 'Random changes to the training samples.' }),
  })
  .transform(({ finalEpochs, ...rest }) => ({ ...rest, finalEpochs: finalEpochs ?? rest.epochs }))
  .prefault({})
  .meta({ description: 'How candidates are trained.' });
