import { command } from '../encode.ts';
import { extent, plane, type Step, type Wiring } from './operator.ts';

/** Adds the gradient of a bias: the sums of the output's gradient. */
export function biasStep({ output, slots }: Wiring): Step {
  return {
    channels: output.shape.channels,
    reads: output.gradient,
    part: (first, count) =>
      command('bias', {
        ...plane('gradient', output.gradient!, first),
        sums: slots.bias.sums + 16 * first,
        channels: count,
        ...extent(output.shape),
      }),
  };
}
