import type { InputEncoding } from '../dataset/dataset.ts';
import { inputShapes, shapesOf } from '../network/check.ts';
import { INPUT, type Network } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import { elements, type Shape } from '../network/shape.ts';
import { Arena, LANES, type Plane } from './arena.ts';
import { type Command, command, encode, settingIndex } from './encode.ts';
import { alongRows, type Node, nodesOf } from './nodes.ts';
import { extent, type Mode, plane, type Site, type Slot, type Step, type Tensor } from './operators/operator.ts';
import { trainingOperatorOf } from './operators/table.ts';
import { transfer } from './operators/transfer.ts';
import { order } from './order.ts';
import { placeParameters, type Store } from './store.ts';

/** Where a command list lies. */
export type Listing = { readonly at: number; readonly end: number };

/** A network laid out for training: the arena's contents, the addresses that a session needs, and the command lists. */
export type Program = {
  readonly arena: Arena;
  readonly store: Store;
  readonly input: Shape;
  readonly classes: number;
  /** 16 samples of bytes; their labels (i32); all bits set for each valid sample (i32); f32 settings; the step's loss (f32). */
  readonly bytes: number;
  readonly labels: number;
  readonly lanes: number;
  readonly settings: number;
  readonly loss: number;
  readonly logits: Plane;
  /** Per layer 4 lanes of minimum and 4 of maximum. */
  readonly ranges: ReadonlyMap<string, number>;
  /** A step: before its blocks, for each block, the gradients, the weights. */
  readonly prepare: Listing;
  readonly train: Listing;
  readonly reduce: Listing;
  readonly update: Listing;
  /** A block that is only evaluated, without and with ranges. */
  readonly infer: Listing;
  readonly measure: Listing;
};

export function buildProgram(original: Network, encoding: InputEncoding): Program {
  const network = alongRows(original);
  const shapes = shapesOf(network);
  const nodes = nodesOf(network);
  const arena = new Arena();
  const store = placeParameters(arena, network);
  const tensors = placeTensors(arena, network, nodes, shapes);
  const prepare: Command[] = [];
  const settings = arena.allocate(4 * Object.keys(settingIndex).length);
  const lanes = arena.allocate(4 * LANES);
  const sites = nodes.map((node) => siteOf(node, { tensors, store, arena, prepare, settings, lanes }));

  const bytes = arena.allocate(LANES * elements(network.input));
  const labels = arena.allocate(4 * LANES);
  const loss = arena.allocate(4);
  const input = tensors.get(INPUT)!;
  const table = Float32Array.from({ length: 256 }, (_, byte) => (byte - encoding.zeroPoint) / encoding.deviation);
  const gather = command('gather', {
    ...plane('output', input.value),
    bytes,
    table: arena.place(table),
    channels: input.shape.channels,
    ...extent(input.shape),
  });
  const last = sites[sites.length - 1].output;
  const softmax = command('softmax', {
    logits: last.value.at,
    logitsChannel: last.value.channel,
    gradient: last.gradient!.at,
    gradientChannel: last.gradient!.channel,
    labels,
    loss,
    settings,
    channels: last.shape.channels,
  });

  const forward = (inference: boolean): Step[] =>
    sites.flatMap((site, index) => trainingOperatorOf(nodes[index]).forward(site, { inference, relu: nodes[index].relu !== undefined }));
  const ranges = new Map<string, number>();
  const list = (commands: readonly Command[]): Listing => {
    const data = encode(commands);
    const at = arena.place(data);
    return { at, end: at + data.byteLength };
  };
  const train = list([gather, ...order(forward(false)), softmax, ...order(backward(nodes, sites, tensors, arena))]);
  return {
    ...{ arena, store, bytes, labels, lanes, settings, loss, ranges },
    input: network.input,
    classes: last.shape.channels,
    logits: last.value,
    train,
    prepare: list(prepare),
    reduce: list([store.reduce()]),
    update: list(store.adam(settings)),
    infer: list([gather, ...order(forward(true))]),
    measure: list([gather, ...nodes.flatMap((node, index) => measured(node, sites[index], arena, ranges))]),
  };
}

/** Places every tensor with the halo that its readers, and its maker's backward kernels, need. */
function placeTensors(arena: Arena, network: Network, nodes: readonly Node[], shapes: ReadonlyMap<string, Shape>): Map<string, Tensor> {
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
  const tensors = new Map<string, Tensor>();
  tensors.set(INPUT, { shape: network.input, value: arena.plane(network.input, values.get(INPUT) ?? 0), relu: false });
  for (const node of nodes) {
    const { name } = node.layer;
    const learns = 'weight' in weightExtents(node, shapes) || node.inputs.some((input) => tensors.get(input)!.gradient);
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

type Surroundings = Pick<Site, 'arena' | 'prepare' | 'settings' | 'lanes'> & { tensors: ReadonlyMap<string, Tensor>; store: Store };

function siteOf(node: Node, { tensors, store, ...rest }: Surroundings): Site {
  const tables = new Map<string, number>();
  const output = tensors.get(node.layer.name)!;
  return {
    ...rest,
    layer: node.layer,
    inputs: node.inputs.map((name) => tensors.get(name)!),
    output,
    slots: store.slots(node.layer.name) as { [tensor: string]: Slot },
    scratch: rest.arena.allocate(trainingOperatorOf(node).scratch?.(output.shape) ?? 0),
    table(name, make) {
      if (!tables.has(name)) tables.set(name, rest.arena.place(make()));
      return tables.get(name)!;
    },
  };
}

/** All backward steps. The first to reach a tensor writes its gradient; the others write beside it and add. */
function backward(nodes: readonly Node[], sites: readonly Site[], tensors: ReadonlyMap<string, Tensor>, arena: Arena): Step[] {
  const steps: Step[] = [];
  const reached = new Set<string>();
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    const site = sites[index];
    if (!site.output.gradient) continue;
    const operator = trainingOperatorOf(node);
    steps.push(...(operator.learn?.(site) ?? []));
    node.inputs.forEach((name, which) => {
      const { shape, gradient } = tensors.get(name)!;
      if (!gradient) return;
      if (!reached.has(name)) steps.push(...operator.backward(site, which, gradient));
      else {
        const beside = arena.plane(shape, 0);
        steps.push(...operator.backward(site, which, beside), transfer(shape, beside, gradient, { accumulate: true }));
      }
      reached.add(name);
    });
  }
  return steps;
}

/** A node's inference with its layers one by one, each followed by a range command. */
function measured(node: Node, site: Site, arena: Arena, ranges: Map<string, number>): Command[] {
  const { value, shape } = site.output;
  const mode: Mode = { inference: true, relu: false };
  const range = (layer: string): Command => {
    const at = arena.allocate(32);
    ranges.set(layer, at);
    return command('range', { ...plane('input', value), range: at, channels: shape.channels, ...extent(shape) });
  };
  const commands = [...order(trainingOperatorOf(node).forward(site, mode)), range(node.layer.name)];
  if (node.relu) commands.push(...order([transfer(shape, value, value, { relu: true })]), range(node.relu));
  return commands;
}
