import type { Parameters } from '../../server/network/network.ts';

type Tensors<Values> = { readonly [layer: string]: { readonly [tensor: string]: Values } };

/** The same layers and tensors with other values. */
export const mapTensors = <From, To>(
  parameters: Tensors<From>,
  map: (values: From, tensor: string, layer: string) => To,
): { [layer: string]: { [tensor: string]: To } } =>
  Object.fromEntries(
    Object.entries(parameters).map(([layer, tensors]) => [
      layer,
      Object.fromEntries(Object.entries(tensors).map(([tensor, values]) => [tensor, map(values, tensor, layer)])),
    ]),
  );

/** The share of zeros among all weights. */
export function sparsityOf(parameters: Parameters): number {
  const weights = Object.values(parameters).flatMap(({ weight }) => [...(weight ?? [])]);
  return weights.filter((weight) => weight === 0).length / weights.length;
}
