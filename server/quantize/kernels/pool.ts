import { requantize } from '../arithmetic.ts';
import type { Kernel } from './kernel.ts';

/** Padding never wins: taps outside the input are skipped. */
export const maxPool: Kernel = (stage, [input], _encodings, output) => {
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window!;
  const { height, width, channels } = stage.inputShapes[0];
  let at = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let largest = stage.low;
        for (let iy = Math.max(0, y * strideY - padTop); iy < Math.min(height, y * strideY - padTop + kernelY); iy++) {
          for (let ix = Math.max(0, x * strideX - padLeft); ix < Math.min(width, x * strideX - padLeft + kernelX); ix++) {
            largest = Math.max(largest, input[(iy * width + ix) * channels + channel]);
          }
        }
        output[at++] = largest;
      }
    }
  }
};

/** Padding counts as zeros, so the divisor is always the kernel's area; it is part of the multiplier. */
export const averagePool: Kernel = (stage, [input], [{ zeroPoint }], output) => {
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window!;
  const { height, width, channels } = stage.inputShapes[0];
  const { multipliers, shift } = stage.rescale!;
  let at = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let iy = Math.max(0, y * strideY - padTop); iy < Math.min(height, y * strideY - padTop + kernelY); iy++) {
          for (let ix = Math.max(0, x * strideX - padLeft); ix < Math.min(width, x * strideX - padLeft + kernelX); ix++) {
            sum += input[(iy * width + ix) * channels + channel] - zeroPoint;
          }
        }
        output[at++] = requantize(sum, multipliers[0], shift, stage.encoding.zeroPoint, stage.low, stage.high);
      }
    }
  }
};
