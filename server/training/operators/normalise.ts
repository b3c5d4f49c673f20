import { command } from '../encode.ts';
import { extent, plane, type TrainingOperator } from './operator.ts';

/**
 * Ghost batch normalisation (Hoffer et al. 2017): in training the statistics are those of a block of 16 samples, or of the valid ones
 * of a step's last block, whatever the batch. The running moments, exponentially weighted over blocks, serve evaluation and folding.
 */
export const batchNorm: TrainingOperator<'batchNorm'> = {
  /** Mean and 1 / deviation of each channel. */
  scratch: (output) => 8 * output.channels,

  forward({ inputs, output, slots, settings, lanes, scratch }, { relu, inference }) {
    return [
      {
        channels: output.shape.channels,
        reads: inputs[0].value,
        writes: output.value,
        part: (first, count) =>
          command('normalise', {
            ...plane('output', output.value, first),
            ...plane('input', inputs[0].value, first),
            gamma: slots.gamma.at + 4 * first,
            beta: slots.beta.at + 4 * first,
            mean: slots.mean.at + 4 * first,
            variance: slots.variance.at + 4 * first,
            statistics: scratch + 8 * first,
            lanes,
            settings,
            channels: count,
            ...extent(output.shape),
            relu: Number(relu),
            inference: Number(inference),
          }),
      },
    ];
  },

  backward({ inputs, output, slots, settings, lanes, scratch }, _index, target) {
    return [
      {
        channels: output.shape.channels,
        reads: output.gradient,
        writes: target,
        part: (first, count) =>
          command('normaliseGradient', {
            ...plane('inputGradient', target, first),
            ...plane('input', inputs[0].value, first),
            ...plane('gradient', output.gradient!, first),
            gamma: slots.gamma.at + 4 * first,
            statistics: scratch + 8 * first,
            gammaSums: slots.gamma.sums + 16 * first,
            betaSums: slots.beta.sums + 16 * first,
            lanes,
            settings,
            channels: count,
            ...extent(output.shape),
          }),
      },
    ];
  },
};
