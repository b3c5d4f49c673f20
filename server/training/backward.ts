import type { Arena, Plane } from './arena.ts';
import type { Node } from './nodes.ts';
import { clipGradient } from './operators/clip.ts';
import { dropGradient, whileDropping } from './operators/dropout.ts';
import type { Site, Step, Tensor } from './operators/operator.ts';
import { trainingOperatorOf } from './operators/table.ts';
import { transfer } from './operators/transfer.ts';
import { type Requantization, requantizeGradient } from './quantized/place.ts';

/** All backward steps. The first to reach a tensor writes its gradient; the others write beside it and add. */
export function backward(
  nodes: readonly Node[],
  sites: readonly Site[],
  tensors: ReadonlyMap<string, Tensor>,
  arena: Arena,
  integers?: Requantization,
): Step[] {
  const steps: Step[] = [];
  const reached = new Set<string>();
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    const site = sites[index];
    if (!site.output.gradient) continue;
    const operator = trainingOperatorOf(node);
    const code = integers?.codes.get(node.layer.name);
    if (code) steps.push(requantizeGradient(site.output, code));
    else if (site.ceiling) steps.push(clipGradient(site.output, site.ceiling));
    const at = whileDropping(site);
    const into = (which: number, target: Plane): Step[] =>
      at.dropped
        ? [...operator.backward(at, which, at.dropped.left.gradient!), dropGradient(at.dropped, target)]
        : operator.backward(at, which, target);
    steps.push(...(operator.learn?.(at) ?? []));
    node.inputs.forEach((name, which) => {
      const { shape, gradient } = tensors.get(name)!;
      if (!gradient) return;
      if (!reached.has(name)) steps.push(...into(which, gradient));
      else {
        const beside = arena.plane(shape, 0);
        steps.push(...into(which, beside), transfer(shape, beside, gradient, { accumulate: true }));
      }
      reached.add(name);
    });
  }
  return steps;
}
