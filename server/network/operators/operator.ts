import { dilationOf, type Layer, type LayerOf, type OpName } from '../network.ts';
import type { Shape } from '../shape.ts';
import { slide } from '../window.ts';

/** What the network room knows of one operator. Every function takes a layer and its inputs' shapes, already checked by `shape`. */
export type Operator<Name extends OpName = OpName> = {
  /** The output's shape; a string says why the layer cannot stand here. */
  shape(layer: LayerOf<Name>, inputs: readonly Shape[]): Shape | string;
  /** The extents of each parameter tensor, by name; the layouts are those of `Parameters`. */
  parameters(layer: LayerOf<Name>, inputs: readonly Shape[]): { [tensor: string]: readonly number[] };
  /** Multiply-accumulates of one inference. */
  macs(layer: LayerOf<Name>, inputs: readonly Shape[]): number;
};

export const noParameters = (): { [tensor: string]: readonly number[] } => ({});

/** For operators with exactly one input. */
export const single = (layer: Layer, inputs: readonly Shape[]): string | undefined =>
  inputs.length === 1 ? undefined : `${layer.op} takes one input, not ${inputs.length}`;

/** The output's shape of an operator that slides a kernel and gives `channels` channels. */
export function slidden(
  layer: LayerOf<'conv2d' | 'depthwise' | 'maxPool' | 'averagePool'>,
  inputs: readonly Shape[],
  channels: number,
): Shape | string {
  const window = single(layer, inputs) ?? slide(inputs[0], layer.kernel, layer.stride, layer.padding, dilationOf(layer));
  return typeof window === 'string' ? window : { height: window.rows, width: window.columns, channels };
}
