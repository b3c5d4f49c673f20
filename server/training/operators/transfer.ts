import type { Shape } from '../../network/shape.ts';
import type { Plane } from '../arena.ts';
import { command } from '../encode.ts';
import { extent, maskOf, plane, type Step, type Tensor, type TrainingOperator } from './operator.ts';

/** A ReLU that could not be done with the layer before it. */
export const relu: TrainingOperator<'relu'> = {
  forward: ({ inputs: [input], output }) => [transfer(input.shape, input.value, output.value, { relu: true })],
  backward({ inputs: [input], output }, _index, target) {
    // The output is positive exactly where the input is, so its own mask serves the input's as well.
    return [transfer(input.shape, output.gradient!, target, { mask: { ...output, relu: true } })];
  },
};

export const add: TrainingOperator<'add'> = {
  forward: ({ inputs, output, factors }, { relu }) =>
    inputs.map((input, index) =>
      transfer(output.shape, input.value, output.value, {
        accumulate: index > 0,
        relu: relu && index === inputs.length - 1,
        factor: factors?.[index],
      }),
    ),
  backward: ({ inputs, output, factors }, index, target) => [
    transfer(output.shape, output.gradient!, target, { mask: inputs[index], factor: factors?.[index] }),
  ],
};

export const concat: TrainingOperator<'concat'> = {
  forward: ({ inputs, output, factors }, { relu }) =>
    inputs.map((input, index) =>
      transfer(input.shape, input.value, fromChannel(output.value, offset(inputs, index)), { relu, factor: factors?.[index] }),
    ),
  backward({ inputs, output, factors }, index, target) {
    const gradient = fromChannel(output.gradient!, offset(inputs, index));
    return [transfer(inputs[index].shape, gradient, target, { mask: inputs[index], factor: factors?.[index] })];
  },
};

type TransferOptions = { accumulate?: boolean; relu?: boolean; mask?: Tensor; factor?: number; ceiling?: number };

export function transfer(shape: Shape, from: Plane, to: Plane, { accumulate, relu, mask, factor = 0, ceiling = 0 }: TransferOptions): Step {
  return {
    channels: shape.channels,
    reads: from,
    writes: to,
    part: (first, count) =>
      command('transfer', {
        ...plane('output', to, first),
        ...plane('input', from, first),
        ...(mask ? maskOf(mask, first) : { mask: 0, maskChannel: 0, maskRow: 0 }),
        channels: count,
        ...extent(shape),
        accumulate: Number(accumulate ?? false),
        relu: Number(relu ?? false),
        factor,
        ceiling,
      }),
  };
}

const fromChannel = (of: Plane, channel: number): Plane => ({ ...of, at: of.at + channel * of.channel });

const offset = (inputs: readonly Tensor[], index: number): number =>
  inputs.slice(0, index).reduce((channels, input) => channels + input.shape.channels, 0);
