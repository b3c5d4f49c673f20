import type { CTensor } from '../context.ts';

/** Whether a tensor's buffer holds fewer pixels than it has, and more than one. */
export const isRing = ({ pixels, height, width }: CTensor): boolean => pixels > 1 && pixels < height * width;

/** C of the place of a tensor's next pixel, where `state` points to the state. */
export function place(tensor: CTensor): string {
  const at = isRing(tensor) ? `state->at_${tensor.name}` : tensor.pixels > 1 ? pixelNumber(tensor) : '0';
  return at === '0'
    ? tensor.base
    : `${tensor.base} + ${at === pixelNumber(tensor) && at.includes('+') ? `(${at})` : at}${tensor.channels > 1 ? ` * ${tensor.channels}` : ''}`;
}

/** C of the number of a tensor's next pixel. */
const pixelNumber = ({ name, height, width }: CTensor): string =>
  [
    ...(height > 1 ? [width > 1 ? `state->y_${name} * ${width}` : `state->y_${name}`] : []),
    ...(width > 1 ? [`state->x_${name}`] : []),
  ].join(' + ') || '0';
