import { inputShapes } from '../network/check.ts';
import { INPUT, type Network } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import type { Shape } from '../network/shape.ts';
import type { Arena } from './arena.ts';
import type { Node } from './nodes.ts';
import type { Tensor } from './operators/operator.ts';
import { trainingOperatorOf } from './operators/table.ts';

/** Places every tensor with the halo that its readers, and its maker's backward kernels, need. */
export function placeTensors(
  arena: Arena,
  network: Network,
  nodes: readonly Node[],
  shapes: ReadonlyMap<string, Shape>,
): Map<string, Tensor> {
  const values = new Map<string, number>();
  const gradients = new Map<string, number>();
  for (const node of nodes) {
    const input = node.inputs[0];
    const halo = trainingOperatorOf(node).halo?.(node.layer, shapes.get(input)!);
    if (!halo) continue;
    values.set(input, Math.max(values.get(input) ?? 0, halo.input));
    gradients.set(node.layer.name, halo.gradient);
  }
  const shape = (name: string) => shapes.get(name)!;
  const last = nodes[nodes.length - 1];
  const tensors = new Map<string, Tensor>();
  tensors.set(INPUT, { shape: network.input, value: arena.plane(network.input, values.get(INPUT) ?? 0), relu: false });
  for (const node of nodes) {
    const { name } = node.layer;
    const learns = 'weight' in weightExtents(node, shapes) || node === last || node.inputs.some((input) => tensors.get(input)!.gradient);
    tensors.set(name, {
      shape: shape(name),
      value: arena.plane(shape(name), values.get(name) ?? 0),
      gradient: learns ? arena.plane(shape(name), gradients.get(name) ?? 0) : undefined,
      relu: node.relu !== undefined || node.layer.op === 'relu',
    });
  }
  return tensors;
}

const weightExtents = ({ layer }: Node, shapes: ReadonlyMap<string, Shape>) =>
  operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes));
