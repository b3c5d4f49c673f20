import { elements, formatShape, type Shape } from '../network/shape.ts';
import { formatExtents, product } from './array.ts';

/** An image has 1 to 4 channels; a series may have more (several sensors, cepstral coefficients). */
export const MOST_CHANNELS = { image: 4, series: 64 };
export const LARGEST_SAMPLE = 2 ** 20;

/**
 * One sample's shape from its extents (the array's without the first). A string says why there is none.
 *
 * | extents | wanted | read as |
 * |---|---|---|
 * | [H, W, C] | | image |
 * | [H, W] | | image of one channel |
 * | [T, C], C up to 4, T beyond 4 C | | series: no image is that narrow |
 * | [T] | | series of one channel |
 * | [T, C] | T x 1 x C | series |
 * | [H W C] | H x W x C | values in that order |
 */
export function shapeOfExtents(extents: readonly number[], wanted?: Shape): Shape | string {
  const shape = wanted ?? naturalShape(extents);
  if (typeof shape === 'string') return shape;
  if (wanted && !readings(wanted).some((reading) => sameExtents(reading, extents)))
    return `holds samples of ${formatExtents(extents)}; ${formatShape(wanted)} is expected`;
  return boundsFault(shape, extents) ?? shape;
}

function naturalShape(extents: readonly number[]): Shape | string {
  const [height, width = 1, channels = 1] = extents;
  if (extents.length > 3)
    return `holds samples of ${formatExtents(extents)}; [height, width, channels] are the most dimensions that are read`;
  if (extents.length === 0) return 'holds one number per sample; a series or an image is expected';
  if (extents.length === 2 && width <= MOST_CHANNELS.image && height > 4 * width) return { height, width: 1, channels: width };
  return { height, width, channels };
}

/** The extents as which samples of a shape may be stored. */
function readings(shape: Shape): number[][] {
  const { height, width, channels } = shape;
  const all = [[height, width, channels], [elements(shape)]];
  if (channels === 1) all.push([height, width]);
  if (width === 1) all.push([height, channels]);
  return all;
}

const sameExtents = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

function boundsFault(shape: Shape, extents: readonly number[]): string | undefined {
  const most = shape.width === 1 ? MOST_CHANNELS.series : MOST_CHANNELS.image;
  if (shape.channels > most) {
    const transposed = shape.height <= MOST_CHANNELS.image ? `; channels come last, this looks like channels first` : '';
    return `holds samples of ${formatExtents(extents)}: ${shape.channels} channels, and at most ${most} are read${transposed}`;
  }
  if (product(extents) > LARGEST_SAMPLE) return `holds samples of ${formatExtents(extents)}; at most ${LARGEST_SAMPLE} values are read`;
  return undefined;
}
