import * as z from 'zod';
import { augmentation } from './augmentation.ts';
import { real, whole } from './bounds.ts';
import { share } from './quantity.ts';
import { quantization } from './quantization.ts';

export const OPTIMISERS = ['adamw', 'adam', 'sgd'] as const;

const classWeight = real(0.001, 1000);

const distillation = z
  .strictObject({
    share: share.prefault('50 %').meta({ description: 'How much of the loss comes from the teacher rather than from the labels.' }),
    temperature: real(1, 20)
      .default(4)
      .meta({ description: 'Softens the answers of the teacher: the higher, the more its second guesses count.' }),
    width: real(1, 8).default(2).meta({ description: 'How many times as many filters and units the teacher has.' }),
  })
  .meta({
    title: 'a mapping with share, temperature, width',
    description:
      'The network also learns from the answers of a wider one that is trained first, on the spot: a network written by hand, or the candidate that was chosen, in its final epochs.',
  });

export const training = z
  .strictObject({
    epochs: whole(1, 10_000).default(8).meta({ description: 'Passes over the training samples for each candidate.' }),
    finalEpochs: whole(1, 10_000).optional().meta({ description: 'Passes for the chosen candidate. Left out, as many as `epochs`.' }),
    seeds: whole(1, 20)
      .default(1)
      .meta({ description: 'From how many seeds the chosen configuration is trained; with several, mean and deviation are reported.' }),
    batch: whole(1, 4096).default(64).meta({ description: 'Samples per step of the optimiser.' }),
    optimiser: z.enum(OPTIMISERS).default('adamw').meta({
      description:
        '`adamw` is Adam with weight decay apart from the gradient; `adam` the same without weight decay; `sgd` goes down the gradient, with momentum.',
    }),
    learningRate: real(1e-7, 1).default(0.003).meta({ description: 'Step size of the optimiser. `sgd` wants a larger one than `adamw`.' }),
    momentum: real(0, 0.999).optional().meta({ description: 'Of `sgd`: how much of the last step is in the next. Left out, 0.9.' }),
    weightDecay: real(0, 1).optional().meta({
      description: 'Pull of the weights towards zero, decoupled from the gradient. Left out, 0.0001; `adam` has none.',
    }),
    schedule: z.enum(['cosine', 'constant', 'step', 'oneCycle']).default('cosine').meta({
      description:
        '`cosine` lowers the learning rate to zero along a half cosine; `constant` keeps it; `step` divides it by 10 at a half and at three quarters of the epochs; `oneCycle` raises it from a tenth for three tenths of them, then lowers it to zero.',
    }),
    warmup: real(0, 1000).optional().meta({
      description:
        'Epochs, or a part of one, in which the learning rate rises from 0. Left out, a tenth of the epochs, but at most half of one.',
    }),
    clipNorm: real(1e-4, 1e4).optional().meta({
      description: 'The longest that a gradient may be, as one vector of all weights; a longer one is shortened. Left out, any.',
    }),
    weightAverage: real(0, 0.9999).optional().meta({
      description:
        'Evaluates an exponential average of the weights over steps, this share of it the old: 0.99 is about the last 100. Left out, none.',
    }),
    dropout: real(0, 0.9).default(0).meta({
      description: 'Share of the inputs of dense layers that each sample leaves out at random while it is learned from.',
    }),
    loss: z.enum(['crossEntropy', 'meanSquare']).default('crossEntropy').meta({
      description: '`crossEntropy` of the softmax, or `meanSquare` of the difference from 1 for the right class and 0 for the others.',
    }),
    labelSmoothing: real(0, 0.9).default(0).meta({ description: 'Share of each label that is spread over all classes.' }),
    classWeights: z
      .union([z.literal('balanced'), z.record(z.string().min(1).max(100), classWeight)])
      .optional()
      .meta({
        title: 'balanced, or classes with numbers from 0.001 to 1000 such as { cat: 2 }',
        description:
          'What a sample of a class counts; 1 where nothing is said. `balanced` lets all classes count the same, however many samples they have.',
      }),
    distillation: distillation.optional(),
    augmentation,
    quantization,
  })
  .superRefine(({ optimiser, momentum, weightDecay }, context) => {
    const contradict = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message, params: { problem: 'training' } });
    if (momentum !== undefined && optimiser !== 'sgd')
      contradict('momentum', `${optimiser} has a momentum of its own; leave it out, or write optimiser: sgd`);
    if (weightDecay && optimiser === 'adam') contradict('weightDecay', 'adam has no weight decay; leave it out, or write optimiser: adamw');
  })
  .transform(({ finalEpochs, weightDecay, ...rest }) => ({
    ...rest,
    finalEpochs: finalEpochs ?? rest.epochs,
    weightDecay: weightDecay ?? (rest.optimiser === 'adam' ? 0 : 0.0001),
  }))
  .prefault({})
  .meta({ description: 'How candidates are trained.' });
