import { consumers } from '../network/check.ts';
import { dilationOf, INPUT, type Layer, type LayerOf, type Network, type OpName } from '../network/network.ts';
import { canClip } from '../network/stage.ts';

/** A layer as it is trained: flatten read away, and the ReLU that alone reads it done with it. Its output is the tensor of the layer's name. */
export type Node<Name extends OpName = OpName> = {
  readonly layer: Extract<Layer, { op: Name }>;
  /** Names of nodes, or `input`. */
  readonly inputs: readonly string[];
  /** The ReLU done with it. */
  readonly relu?: string;
  /** Where that ReLU, or the layer as one, clips. */
  readonly ceiling?: number;
};

export function nodesOf(network: Network): Node[] {
  const nodes: Node[] = [];
  const tensorOf = new Map([[INPUT, INPUT]]);
  const last = network.layers[network.layers.length - 1];
  for (const layer of network.layers) {
    if (tensorOf.has(layer.name)) continue;
    if (layer.op === 'flatten') {
      tensorOf.set(layer.name, tensorOf.get(layer.inputs[0])!);
      continue;
    }
    tensorOf.set(layer.name, layer.name);
    const relu = soleRelu(network, layer);
    const fused = relu && relu !== last;
    if (fused) tensorOf.set(relu.name, layer.name);
    const inputs = layer.inputs.map((name) => tensorOf.get(name)!);
    const clipping = fused ? relu : layer;
    const ceiling = clipping.op === 'relu' ? clipping.max : undefined;
    nodes.push({ layer, inputs, ...(fused && { relu: relu.name }), ...(ceiling !== undefined && { ceiling }) });
  }
  return nodes;
}

function soleRelu(network: Network, layer: Layer): LayerOf<'relu'> | undefined {
  const [reader, ...others] = consumers(network, layer.name);
  if (layer.op === 'relu' || others.length > 0 || reader?.op !== 'relu') return undefined;
  return reader.max === undefined || canClip(layer) ? reader : undefined;
}

/**
 * A series with its time along the row, where pixels are side by side, so that kernels run over it in one sweep.
 * Nothing else changes: with width 1 throughout, both orders of the axes are the same order of values and weights.
 */
export function alongRows(network: Network): Network {
  const turned = network.input.width === 1 && network.layers.every((layer) => !('kernel' in layer) || layer.kernel[1] === 1);
  if (!turned) return network;
  const { height, width, channels } = network.input;
  return {
    input: { height: width, width: height, channels },
    layers: network.layers.map((layer) => ('kernel' in layer ? turn(layer) : layer)),
  };
}

function turn<Sliding extends LayerOf<'conv2d' | 'depthwise' | 'maxPool' | 'averagePool'>>(layer: Sliding): Sliding {
  const [down, right] = dilationOf(layer);
  const dilation = down * right > 1 ? { dilation: [right, down] } : {};
  return { ...layer, kernel: [layer.kernel[1], layer.kernel[0]], stride: [layer.stride[1], layer.stride[0]], ...dilation };
}
