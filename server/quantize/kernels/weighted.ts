import { requantize } from '../arithmetic.ts';
import type { QuantizedStage } from '../network.ts';
import type { Kernel } from './kernel.ts';

export const conv2d: Kernel = (stage, [input], [{ zeroPoint }], output) => {
  const { kernelY, kernelX, dilationY, dilationX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window!;
  const { height, width, channels } = stage.inputShapes[0];
  const filters = stage.shape.channels;
  const { weight, bias } = stage.weights!;
  let at = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let filter = 0; filter < filters; filter++) {
        let sum = bias[filter];
        for (let ky = 0; ky < kernelY; ky++) {
          const iy = y * strideY - padTop + ky * dilationY;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kernelX; kx++) {
            const ix = x * strideX - padLeft + kx * dilationX;
            if (ix < 0 || ix >= width) continue;
            const from = (iy * width + ix) * channels;
            const tap = ((filter * kernelY + ky) * kernelX + kx) * channels;
            for (let channel = 0; channel < channels; channel++) sum += (input[from + channel] - zeroPoint) * weight[tap + channel];
          }
        }
        output[at++] = finish(stage, sum, filter);
      }
    }
  }
};

export const depthwise: Kernel = (stage, [input], [{ zeroPoint }], output) => {
  const { kernelY, kernelX, dilationY, dilationX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window!;
  const { height, width, channels } = stage.inputShapes[0];
  const { weight, bias } = stage.weights!;
  let at = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = bias[channel];
        for (let ky = 0; ky < kernelY; ky++) {
          const iy = y * strideY - padTop + ky * dilationY;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kernelX; kx++) {
            const ix = x * strideX - padLeft + kx * dilationX;
            if (ix < 0 || ix >= width) continue;
            sum += (input[(iy * width + ix) * channels + channel] - zeroPoint) * weight[(ky * kernelX + kx) * channels + channel];
          }
        }
        output[at++] = finish(stage, sum, channel);
      }
    }
  }
};

export const dense: Kernel = (stage, [input], [{ zeroPoint }], output) => {
  const { weight, bias } = stage.weights!;
  for (let unit = 0, tap = 0; unit < output.length; unit++) {
    let sum = bias[unit];
    for (let i = 0; i < input.length; i++) sum += (input[i] - zeroPoint) * weight[tap++];
    output[unit] = finish(stage, sum, unit);
  }
};

function finish(stage: QuantizedStage, sum: number, channel: number): number {
  if (!stage.rescale) return sum;
  return requantize(sum, stage.rescale.multipliers[channel], stage.rescale.shift, stage.encoding.zeroPoint, stage.low, stage.high);
}
