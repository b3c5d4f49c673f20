import { requantize } from '../arithmetic.ts';
import type { Kernel } from './kernel.ts';

export const add: Kernel = (stage, inputs, encodings, output) => {
  const { multipliers, shift } = stage.rescale!;
  for (let i = 0; i < output.length; i++) {
    let sum = 0;
    for (let k = 0; k < inputs.length; k++) sum += (inputs[k][i] - encodings[k].zeroPoint) * multipliers[k];
    output[i] = requantize(sum, 1, shift, stage.encoding.zeroPoint, stage.low, stage.high);
  }
};

export const concat: Kernel = (stage, inputs, encodings, output) => {
  const { multipliers, shift } = stage.rescale!;
  const pixels = stage.shape.height * stage.shape.width;
  let at = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let k = 0; k < inputs.length; k++) {
      const channels = stage.inputShapes[k].channels;
      for (let channel = 0; channel < channels; channel++) {
        const sum = (inputs[k][pixel * channels + channel] - encodings[k].zeroPoint) * multipliers[k];
        output[at++] = requantize(sum, 1, shift, stage.encoding.zeroPoint, stage.low, stage.high);
      }
    }
  }
};

export const relu: Kernel = (stage, [input], _encodings, output) => {
  for (let i = 0; i < output.length; i++) output[i] = Math.min(Math.max(input[i], stage.low), stage.high);
};
