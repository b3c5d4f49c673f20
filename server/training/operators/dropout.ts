import type { Arena, Plane } from '../arena.ts';
import type { Site, Step, Tensor } from './operator.ts';
import { transfer } from './transfer.ts';

/** The values of a tensor, as a dense layer reads them while some are left out: where `noise` is zero, and the others times the f32 at `factor`. */
export type Dropped = { readonly whole: Tensor; readonly left: Tensor; readonly noise: Plane; readonly factor: number };

/** Planes laid out like those of the tensor, so that the tables of its readers serve them as well. */
export function placeDropped(arena: Arena, whole: Tensor, share: number): Dropped {
  const like = ({ channel, row }: Plane): Plane => ({ at: arena.allocate(whole.shape.channels * channel), channel, row });
  const gradient = whole.gradient && like(whole.gradient);
  return {
    whole,
    left: { ...whole, value: like(whole.value), ...(gradient && { gradient }) },
    noise: like(whole.value),
    factor: arena.place(Float32Array.of(1 / (1 - share))),
  };
}

/** Values of the noise plane. */
export const noiseCount = ({ whole, noise }: Dropped): number => (whole.shape.channels * noise.channel) / 4;

/** A dense layer as it is trained: it reads what is left. */
export const whileDropping = (site: Site): Site => (site.dropped ? { ...site, inputs: [site.dropped.left] } : site);

export const drop = ({ whole, left, noise, factor }: Dropped): Step =>
  transfer(whole.shape, whole.value, left.value, { mask: asMask(whole, noise), factor });

/** To `target`, the gradient of the whole tensor. */
export const dropGradient = ({ whole, left, noise, factor }: Dropped, target: Plane): Step =>
  transfer(whole.shape, left.gradient!, target, { mask: asMask(whole, noise), factor });

const asMask = (tensor: Tensor, noise: Plane): Tensor => ({ ...tensor, value: noise, relu: true });
