import { consumers, shapesOf } from './check.ts';
import { dilationOf, INPUT, type Layer, type LayerOf, type Network, type WeightBits } from './network.ts';
import { elements, type Shape } from './shape.ts';
import { slide, type Window } from './window.ts';

/** The operations that are left once batch norm is folded, ReLU fused and flatten read away. */
export type StageOp = 'conv2d' | 'depthwise' | 'dense' | 'maxPool' | 'averagePool' | 'add' | 'concat' | 'relu';

/**
 * One step of the deployed network. Plan, integer arithmetic, interpreter and generated C all walk the same stages;
 * a stage's output is the tensor of the same name.
 */
export type Stage = {
  /** The name of the first layer merged into it. */
  readonly name: string;
  readonly op: StageOp;
  /** Names of stages, or `input`. */
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly shape: Shape;
  /** Of conv2d, depthwise and pools; a global pool's window covers its input and moves on by all of it. */
  readonly window?: Window;
  /** Of its weights, where they have fewer than 8. */
  readonly bits?: Exclude<WeightBits, 8>;
  /** A ReLU is fused: the output is clamped at zero. */
  readonly relu: boolean;
  /** The output, a real number, is held at most at this: a clipped ReLU. Where the stage requantises, its highest integer stands for no more. */
  readonly ceiling?: number;
  /** The network's last stage, when it carries weights and no ReLU: its int32 sums are the logits, never requantised. */
  readonly raw: boolean;
  /** The batch norm layer folded into it. */
  readonly batchNorm?: string;
  /** All the layers merged into it, in order. */
  readonly layers: readonly string[];
};

/** Merges a sound network's layers into stages, in the network's order. */
export function lower(network: Network): Stage[] {
  const shapes = shapesOf(network);
  const stages: Stage[] = [];
  const stageOf = new Map<string, string>([[INPUT, INPUT]]);
  const merged = new Set<string>();
  const output = network.layers[network.layers.length - 1].name;
  for (const layer of network.layers) {
    if (merged.has(layer.name)) continue;
    if (layer.op === 'flatten') {
      stageOf.set(layer.name, stageOf.get(layer.inputs[0])!);
      continue;
    }
    const chain = mergeChain(network, layer);
    for (const each of chain) {
      merged.add(each.name);
      stageOf.set(each.name, layer.name);
    }
    const relu = chain.some((each) => each.op === 'relu');
    const inputs = layer.inputs.map((name) => stageOf.get(name)!);
    const inputShapes = inputs.map((name) => shapes.get(name)!);
    stages.push({
      name: layer.name,
      op: stageOp(layer),
      inputs,
      inputShapes,
      shape: shapes.get(layer.name)!,
      window: windowOf(layer, inputShapes[0]),
      relu,
      ...(isWeighted(layer) && layer.bits && layer.bits !== 8 && { bits: layer.bits }),
      ...ceilingOf(chain),
      raw: hasWeights(layer) && !relu && chain[chain.length - 1].name === output,
      batchNorm: chain.find((each) => each.op === 'batchNorm')?.name,
      layers: chain.map((each) => each.name),
    });
  }
  return stages;
}

/** The names of a stage's tensor's readers. */
export const readers = (stages: readonly Stage[], name: string): Stage[] => stages.filter((stage) => stage.inputs.includes(name));

/** The layer and the batch norm and ReLU that alone read it, in that order. */
function mergeChain(network: Network, layer: Layer): Layer[] {
  const chain = [layer];
  for (const op of ['batchNorm', 'relu'] as const) {
    if (layer.op === 'concat' || (op === 'batchNorm' && !hasWeights(layer))) continue;
    const next = consumers(network, chain[chain.length - 1].name);
    if (next.length === 1 && next[0].op === op && !(clips(next[0]) && !canClip(layer))) chain.push(next[0]);
  }
  return chain;
}

const clips = (layer: Layer): boolean => layer.op === 'relu' && layer.max !== undefined;

/** Whether a clipped ReLU may be done with a layer: where the layer has an encoding of its own, clipping is its saturation. */
export const canClip = ({ op }: Layer): boolean =>
  ['conv2d', 'depthwise', 'dense', 'batchNorm', 'averagePool', 'globalAveragePool', 'add', 'relu'].includes(op);

function ceilingOf(chain: readonly Layer[]): { ceiling?: number } {
  const ceilings = chain.flatMap((layer) => (layer.op === 'relu' && layer.max !== undefined ? [layer.max] : []));
  return ceilings.length > 0 ? { ceiling: Math.min(...ceilings) } : {};
}

export const hasWeights = (layer: Layer | Stage): boolean => layer.op === 'conv2d' || layer.op === 'depthwise' || layer.op === 'dense';

export const isWeighted = (layer: Layer): layer is LayerOf<'conv2d' | 'depthwise' | 'dense'> => hasWeights(layer);

function stageOp(layer: Layer): StageOp {
  if (layer.op === 'globalMaxPool') return 'maxPool';
  if (layer.op === 'globalAveragePool') return 'averagePool';
  if (layer.op === 'flatten' || layer.op === 'batchNorm') throw new Error(`${layer.op} is never a stage of its own`);
  return layer.op;
}

function windowOf(layer: Layer, input: Shape): Window | undefined {
  const window = slideOf(layer, input);
  if (typeof window === 'string') throw new Error(window);
  return window;
}

function slideOf(layer: Layer, input: Shape): Window | string | undefined {
  switch (layer.op) {
    case 'conv2d':
    case 'depthwise':
    case 'maxPool':
    case 'averagePool':
      return slide(input, layer.kernel, layer.stride, layer.padding, dilationOf(layer));
    case 'globalMaxPool':
    case 'globalAveragePool':
      return slide(input, [input.height, input.width], [input.height, input.width], 'valid');
    default:
      return undefined;
  }
}

/** Weights of a stage, biases left out. */
export function weightCount(stage: Stage): number {
  const [input] = stage.inputShapes;
  const { channels } = stage.shape;
  if (stage.op === 'dense') return elements(input) * channels;
  if (!stage.window) return 0;
  const area = stage.window.kernelY * stage.window.kernelX;
  if (stage.op === 'conv2d') return area * input.channels * channels;
  return stage.op === 'depthwise' ? area * channels : 0;
}
