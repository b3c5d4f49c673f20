import { shapesOf } from '../network/check.ts';
import { INPUT } from '../network/network.ts';
import { Arena, LANES, type Plane } from './arena.ts';
import { backward } from './backward.ts';
import { type Command, command, encode, settingIndex } from './encode.ts';
import type { SessionOptions } from './engine.ts';
import { type Entrance, placeEntrance } from './entrance.ts';
import { alongRows, type Node, nodesOf } from './nodes.ts';
import { type Ceiling, clip, placeCeiling } from './operators/clip.ts';
import { type Dropped, drop, placeDropped, whileDropping } from './operators/dropout.ts';
import { extent, type Mode, plane, type Site, type Slot, type Step, type Tensor } from './operators/operator.ts';
import type { SparseList } from './operators/sparse.ts';
import { trainingOperatorOf } from './operators/table.ts';
import { transfer } from './operators/transfer.ts';
import { order } from './order.ts';
import { keepSums, placeRequantization, type Requantization, requantize } from './quantized/place.ts';
import { placeParameters, type Store } from './store.ts';
import { SCRATCH_BYTES } from './straight/weights.ts';
import { placeTensors } from './tensors.ts';

/** Where a command list lies. */
export type Listing = { readonly at: number; readonly end: number };

/** A network laid out for training: the arena's contents, the addresses that a session needs, and the command lists. */
export type Program = {
  readonly arena: Arena;
  readonly store: Store;
  readonly classes: number;
  readonly entrance: Entrance;
  /** i32, all bits set for each valid sample; f32 settings; the step's loss (f32). */
  readonly lanes: number;
  readonly settings: number;
  readonly loss: number;
  readonly logits: Plane;
  readonly logitsGradient: Plane;
  /** Per layer 4 lanes of minimum and 4 of maximum. */
  readonly ranges: ReadonlyMap<string, number>;
  /** Where the int8 network's numbers lie, if it is computed. */
  readonly quantized?: Requantization;
  /** Of clipped ReLUs, by the node's layer. */
  readonly ceilings: ReadonlyMap<string, Ceiling>;
  /** What dense layers leave out, drawn for each block. */
  readonly dropped: readonly Dropped[];
  /** To be filled when the mask changes. */
  readonly lists: readonly SparseList[];
  /** `SCRATCH_BYTES` for what is compiled. */
  readonly scratch: number;
  /** A step: before its blocks, for each block, the gradients, the weights. */
  readonly prepare: Listing;
  readonly train: Listing;
  /** A block of a step in two, for losses that are computed outside. */
  readonly forward: Listing;
  readonly backward: Listing;
  readonly reduce: Listing;
  readonly update: Listing;
  /** A block that is only evaluated, without and with ranges. */
  readonly infer: Listing;
  readonly measure: Listing;
};

type Wanted = Pick<SessionOptions, 'network' | 'encoding' | 'augmentation' | 'optimiser' | 'dropout' | 'quantized'>;

export function buildProgram({ network: original, encoding, augmentation, optimiser, dropout = 0, quantized }: Wanted): Program {
  const network = alongRows(original);
  const shapes = shapesOf(network);
  const nodes = nodesOf(network);
  const arena = new Arena();
  const store = placeParameters(arena, network);
  const tensors = placeTensors(arena, network, nodes, shapes);
  arena.check();
  const prepare: Command[] = [];
  const collect: Command[] = [];
  const settings = arena.allocate(4 * Object.keys(settingIndex).length);
  const lanes = arena.allocate(4 * LANES);
  const lists: SparseList[] = [];
  const rectified = new Set(nodes.filter(({ relu }) => relu !== undefined).map(({ layer }) => layer.name));
  const sumsOf = quantized?.learnedStep ? (layer: string) => arena.plane(tensors.get(layer)!.shape, 0) : undefined;
  const integers = quantized && placeRequantization(arena, original, rectified, sumsOf);
  // Where scales are learned it is the sums that say where no gradient passes, not what they were rounded to.
  if (sumsOf) for (const name of integers!.codes.keys()) tensors.set(name, { ...tensors.get(name)!, relu: false });
  const surroundings = { tensors, store, arena, prepare, collect, lists, settings, lanes, exact: integers !== undefined };
  const sites = nodes.map((node) => ({ ...siteOf(node, surroundings, dropout), factors: integers?.codes.get(node.layer.name)?.factors }));

  // Whole numbers go in where the network is of integers.
  const entering = integers ? { zeroPoint: encoding.zeroPoint, deviation: 1 } : encoding;
  const entrance = placeEntrance(arena, tensors.get(INPUT)!, { encoding: entering, augmentation });
  const loss = arena.allocate(4);
  const last = sites[sites.length - 1].output;
  const logits = integers ? arena.plane(last.shape, 0) : last.value;
  const scaled = integers ? order([transfer(last.shape, last.value, logits, { factor: integers.logitScale })]) : [];
  const scaledBack = integers ? order([transfer(last.shape, last.gradient!, last.gradient!, { factor: integers.logitScale })]) : [];
  const softmax = command('softmax', {
    logits: logits.at,
    logitsChannel: logits.channel,
    gradient: last.gradient!.at,
    gradientChannel: last.gradient!.channel,
    labels: entrance.labels,
    loss,
    settings,
    channels: last.shape.channels,
  });

  const forward = (inference: boolean): Step[] =>
    sites.flatMap((site, index) => {
      const code = integers?.codes.get(nodes[index].layer.name);
      const relu = nodes[index].relu !== undefined;
      const dropping = inference ? [] : dropOf(site);
      const at = inference ? site : whileDropping(site);
      const steps = [...dropping, ...trainingOperatorOf(nodes[index]).forward(at, { inference, relu: relu && !code })];
      if (code) return [...steps, ...(inference ? [] : keepSums(site.output, code)), requantize(site.output, code)];
      return site.ceiling ? [...steps, clip(site.output, site.ceiling)] : steps;
    });
  const ranges = new Map<string, number>();
  const list = (commands: readonly Command[]): Listing => {
    const data = encode(commands);
    const at = arena.place(data);
    return { at, end: at + data.byteLength };
  };
  const [there, back] = [
    [...entrance.enterMoved, ...order(forward(false)), ...scaled],
    [...scaledBack, ...order(backward(nodes, sites, tensors, arena, integers))],
  ];
  return {
    ...{ arena, store, entrance, lanes, settings, loss, ranges, lists, scratch: arena.allocate(SCRATCH_BYTES), quantized: integers },
    ceilings: new Map(sites.flatMap(({ layer, ceiling }) => (ceiling ? [[layer.name, ceiling] as const] : []))),
    dropped: sites.flatMap(({ dropped }) => dropped ?? []),
    classes: last.shape.channels,
    logits,
    logitsGradient: last.gradient!,
    train: list([...there, softmax, ...back]),
    forward: list(there),
    backward: list(back),
    prepare: list(prepare),
    reduce: list([...collect, store.reduce()]),
    update: list(store.step(optimiser?.kind ?? 'adam', settings)),
    infer: list([...entrance.enter, ...order(forward(true)), ...scaled]),
    measure: list([...entrance.enter, ...nodes.flatMap((node, index) => measured(node, sites[index], arena, ranges))]),
  };
}

type Surroundings = Pick<Site, 'arena' | 'prepare' | 'collect' | 'lists' | 'settings' | 'lanes' | 'exact'> & {
  tensors: ReadonlyMap<string, Tensor>;
  store: Store;
};

const dropOf = ({ dropped }: Site): Step[] => (dropped ? [drop(dropped)] : []);

function siteOf(node: Node, { tensors, store, ...rest }: Surroundings, dropout: number): Site {
  const made = new Map<string, unknown>();
  const once = <Made>(name: string, make: () => Made): Made => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as Made;
  };
  const output = tensors.get(node.layer.name)!;
  const inputs = node.inputs.map((name) => tensors.get(name)!);
  return {
    ...rest,
    layer: node.layer,
    inputs,
    ...(dropout > 0 && node.layer.op === 'dense' && { dropped: placeDropped(rest.arena, inputs[0], dropout) }),
    output,
    slots: store.slots(node.layer.name) as { [tensor: string]: Slot },
    ...(node.ceiling !== undefined && { ceiling: placeCeiling(rest.arena, output.shape.channels, node.ceiling) }),
    scratch: rest.arena.allocate(trainingOperatorOf(node).scratch?.(output.shape) ?? 0),
    once,
    table: (name, make) => once(name, () => rest.arena.place(make())),
  };
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
  const ceiling = site.ceiling?.limit;
  const own = trainingOperatorOf(node).forward(site, mode);
  if (!node.relu) return [...order(site.ceiling ? [...own, clip(site.output, site.ceiling)] : own), range(node.layer.name)];
  return [...order(own), range(node.layer.name), ...order([transfer(shape, value, value, { relu: true, ceiling })]), range(node.relu)];
}
