import { PIXEL } from '../arena.ts';
import { command } from '../encode.ts';
import { extent, plane, type Site, type Step, type TrainingOperator } from './operator.ts';
import { phases } from './phases.ts';
import { windowHalo, windowOf } from './sliding.ts';

export const depthwise: TrainingOperator<'depthwise'> = {
  halo: (layer, input) => windowHalo(windowOf(layer, input), input),

  /** [channel][tap] */
  pack([kernelY, kernelX, channels]) {
    const taps = kernelY * kernelX;
    return {
      size: taps * channels,
      index: Int32Array.from({ length: taps * channels }, (_, i) => (i % channels) * taps + Math.floor(i / channels)),
    };
  },

  forward(site, { relu }) {
    const { inputs, output, slots } = site;
    const kernel = kernelOf(site);
    return [
      {
        channels: output.shape.channels,
        reads: inputs[0].value,
        writes: output.value,
        part: (first, count) =>
          command('depthwise', {
            ...plane('output', output.value, first),
            outputColumn: PIXEL,
            ...read(site, first),
            ...kernel,
            weights: slots.weight.at + 4 * first * kernel.kernelRows * kernel.rowTaps,
            weightsChannel: 4 * kernel.kernelRows * kernel.rowTaps,
            bias: slots.bias.at + 4 * first,
            ...NO_MASK,
            channels: count,
            ...extent(output.shape),
            relu: Number(relu),
          }),
      },
    ];
  },

  learn(site) {
    const { output, slots } = site;
    const kernel = kernelOf(site);
    const weights: Step = {
      channels: output.shape.channels,
      reads: output.gradient,
      part: (first, count) =>
        command('depthwiseWeights', {
          ...plane('gradient', output.gradient!, first),
          ...read(site, first),
          ...kernel,
          sums: slots.weight.sums + 16 * first * kernel.kernelRows * kernel.rowTaps,
          biasSums: slots.bias.sums + 16 * first,
          channels: count,
          ...extent(output.shape),
        }),
    };
    return [weights];
  },

  backward({ layer, inputs, output, slots, arena }, _index, target) {
    const [input] = inputs;
    const gradient = output.gradient!;
    const window = windowOf(layer, input.shape);
    const steps: Step[] = [];
    for (const vertical of phases(window.kernelY, window.strideY, window.padTop, input.shape.height)) {
      for (const horizontal of phases(window.kernelX, window.strideX, window.padLeft, input.shape.width)) {
        const offsets = vertical.taps.flatMap((ky, row) =>
          horizontal.taps.flatMap((kx, column) => [row * gradient.row + column * PIXEL, 4 * (ky * window.kernelX + kx)]),
        );
        const taps = arena.place(Int32Array.from(offsets));
        const at = (p: { at: number; row: number }) => p.at + vertical.phase * p.row + horizontal.phase * PIXEL;
        const mask = input.relu ? { ...input.value, at: at(input.value) } : undefined;
        steps.push({
          channels: input.shape.channels,
          reads: gradient,
          writes: target,
          part: (first, count) =>
            command('depthwise', {
              ...plane('output', { ...target, at: at(target) }, first),
              outputRow: target.row * window.strideY,
              outputColumn: window.strideX * PIXEL,
              ...plane('input', { ...gradient, at: gradient.at - horizontal.before * PIXEL }, first),
              inputColumn: PIXEL,
              inputRows: window.rows,
              taps,
              kernelRows: vertical.taps.length,
              rowTaps: horizontal.taps.length,
              stride: 1,
              padTop: vertical.before,
              weights: slots.weight.at + 4 * first * window.kernelY * window.kernelX,
              weightsChannel: 4 * window.kernelY * window.kernelX,
              bias: 0,
              ...NO_MASK,
              ...(mask && { ...plane('mask', mask, first), maskRow: mask.row * window.strideY, maskColumn: window.strideX * PIXEL }),
              channels: count,
              rows: vertical.count,
              columns: horizontal.count,
              relu: 0,
            }),
        });
      }
    }
    return steps;
  },
};

const NO_MASK = { mask: 0, maskChannel: 0, maskRow: 0, maskColumn: PIXEL };

function read({ layer, inputs }: Site<'depthwise'>, first: number) {
  const { value, shape } = inputs[0];
  const window = windowOf(layer, shape);
  return {
    ...plane('input', { ...value, at: value.at - window.padLeft * PIXEL }, first),
    inputColumn: window.strideX * PIXEL,
    inputRows: shape.height,
  };
}

function kernelOf({ layer, inputs, table }: Site<'depthwise'>) {
  const window = windowOf(layer, inputs[0].shape);
  const offsets = () => {
    const pairs: number[] = [];
    for (let ky = 0; ky < window.kernelY; ky++) {
      for (let kx = 0; kx < window.kernelX; kx++) pairs.push(ky * inputs[0].value.row + kx * PIXEL, 4 * (ky * window.kernelX + kx));
    }
    return Int32Array.from(pairs);
  };
  return {
    taps: table('taps', offsets),
    kernelRows: window.kernelY,
    rowTaps: window.kernelX,
    stride: window.strideY,
    padTop: window.padTop,
  };
}
