import type { InputEncoding } from '../../server/dataset/dataset.ts';
import { checkNetwork, inputShapes, shapesOf } from '../../server/network/check.ts';
import { INPUT, type Layer, type Network, type Parameters } from '../../server/network/network.ts';
import { operatorOf } from '../../server/network/operators/table.ts';
import { elements, type Shape } from '../../server/network/shape.ts';
import { isWeighted } from '../../server/network/stage.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { quantize, type Ranges } from '../../server/quantize/quantize.ts';
import type { Random } from '../../server/random.ts';
import { forward } from './forward.ts';

export type RandomNetworkOptions = {
  readonly largest?: number;
  readonly classes?: number;
  readonly series?: boolean;
  readonly batchNorm?: boolean;
  /** Kernels are spread out now and then. */
  readonly dilation?: boolean;
  /** Weights and activations of fewer bits, and scales that are powers of two. */
  readonly narrow?: boolean;
  /** Some ReLUs are clipped. */
  readonly clipped?: boolean;
};

/** A sound network with branches, joins and every operator, small enough to test by the hundred. */
export function randomNetwork(
  random: Random,
  {
    largest = 14,
    classes = 2 + random.integer(5),
    series = random.integer(5) === 0,
    batchNorm = true,
    dilation = false,
    clipped = false,
    narrow = false,
  }: RandomNetworkOptions = {},
): Network {
  const input: Shape = {
    height: 2 + random.integer(largest - 1),
    width: series ? 1 : 2 + random.integer(largest - 1),
    channels: 1 + random.integer(3),
  };
  const layers: Layer[] = [];
  const shapes = () => checkNetwork({ input, layers }).shapes;
  const add = (layer: Omit<Layer, 'name'>): string => {
    const name = `${layer.op.toLowerCase()}${layers.length}`;
    const made = { ...layer, name } as Layer;
    const shape = operatorOf(made).shape(
      made as never,
      made.inputs.map((each) => shapes().get(each)!),
    );
    if (typeof shape === 'string') return made.inputs[0];
    layers.push(made);
    return name;
  };
  const pair = (most: number) => [1 + random.integer(most), series ? 1 : 1 + random.integer(most)] as const;
  const spread = () => (dilation && random.integer(3) ? { dilation: pair(3) } : {});
  const relu = () => (clipped && random.integer(3) ? { op: 'relu', max: 0.2 + random.next() } : { op: 'relu' });
  const padding = () => (random.integer(2) ? 'same' : 'valid');
  const activation = (name: string): string => {
    if (name === INPUT) return name;
    if (
      batchNorm &&
      random.integer(3) === 0 &&
      ['conv2d', 'depthwise', 'dense'].includes(layers[layers.length - 1].op) &&
      layers[layers.length - 1].name === name
    )
      name = add({ op: 'batchNorm', inputs: [name] } as never);
    return random.integer(3) ? add({ ...relu(), inputs: [name] } as never) : name;
  };
  const step = (from: string): string => {
    switch (random.integer(9)) {
      case 0:
      case 1:
      case 2:
        return activation(
          add({
            op: 'conv2d',
            inputs: [from],
            filters: 1 + random.integer(6),
            kernel: pair(4),
            stride: pair(2),
            padding: padding(),
            ...spread(),
          } as never),
        );
      case 3:
        return activation(
          add({ op: 'depthwise', inputs: [from], kernel: pair(4), stride: pair(2), padding: padding(), ...spread() } as never),
        );
      case 4:
        return add({ op: 'maxPool', inputs: [from], kernel: pair(3), stride: pair(3), padding: padding() } as never);
      case 5:
        return add({ op: 'averagePool', inputs: [from], kernel: pair(3), stride: pair(3), padding: padding() } as never);
      case 6: {
        const filters = shapes().get(from)!.channels;
        const left = activation(add({ op: 'conv2d', inputs: [from], filters, kernel: pair(3), stride: [1, 1], padding: 'same' } as never));
        return left === from ? from : activation(add({ op: 'add', inputs: random.integer(2) ? [from, left] : [left, from] } as never));
      }
      case 7: {
        const kernels = [pair(3), pair(3)];
        const sides = kernels.map((kernel) =>
          activation(
            add({ op: 'conv2d', inputs: [from], filters: 1 + random.integer(3), kernel, stride: [1, 1], padding: 'same' } as never),
          ),
        );
        return add({ op: 'concat', inputs: random.integer(2) ? sides : [...sides, from] } as never);
      }
      default:
        return add({ ...relu(), inputs: [from] } as never);
    }
  };
  let from = INPUT;
  for (let i = random.integer(5); i >= 0; i--) from = step(from);
  const ending = random.integer(6);
  if (ending === 0) from = add({ op: random.integer(2) ? 'globalAveragePool' : 'globalMaxPool', inputs: [from] } as never);
  if (ending === 1) from = activation(add({ op: 'dense', inputs: [from], units: 2 + random.integer(8) } as never));
  if (ending === 2) {
    const side = add({ op: 'dense', inputs: [INPUT], units: 3 } as never);
    const trunk = add({ op: 'flatten', inputs: [from] } as never);
    from = add({ op: 'concat', inputs: [add({ op: 'dense', inputs: [trunk], units: 4 } as never), side] } as never);
  }
  from = add({ op: 'dense', inputs: [from], units: classes } as never);
  if (random.integer(8) === 0) add({ ...relu(), inputs: [from] } as never);
  const network = narrow ? narrowed({ input, layers }, random) : { input, layers };
  const { faults } = checkNetwork(network);
  // A layer that could not be placed leaves another unread now and then: draw again.
  return faults.length === 0 ? network : randomNetwork(random, { largest, classes, series, batchNorm, dilation, clipped, narrow });
}

function narrowed(network: Network, random: Random): Network {
  const bits = () => ([8, 4, 2, 'ternary'] as const)[random.integer(4)];
  const layers = network.layers.map((layer) => (isWeighted(layer) ? { ...layer, bits: bits() } : layer));
  return { ...network, layers, arithmetic: { activationBits: random.integer(2) ? 4 : 8, powerOfTwo: random.integer(2) === 0 } };
}

export function randomParameters(network: Network, random: Random, sparsity = 0): Parameters {
  const shapes = shapesOf(network);
  const fill = (extents: readonly number[], draw: () => number) => Float32Array.from({ length: extents.reduce((a, b) => a * b, 1) }, draw);
  return Object.fromEntries(
    network.layers.map((layer) => {
      const tensors = operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes));
      const drawn = Object.entries(tensors).map(([name, extents]) => {
        const fan = name === 'weight' ? extents.reduce((a, b) => a * b, 1) / (layer.op === 'depthwise' ? extents[2] : extents[0]) : 1;
        const draw = () => {
          if (name === 'variance') return 0.2 + random.next();
          if (name === 'gamma') return 0.5 + random.next();
          if (name === 'weight' && random.next() < sparsity) return 0;
          return (random.normal() * (name === 'weight' ? 1.4 : 0.3)) / Math.sqrt(fan);
        };
        return [name, fill(extents, draw)];
      });
      return [layer.name, Object.fromEntries(drawn)];
    }),
  );
}

export const randomBytes = (random: Random, count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.integer(256));

/** A random network in integers, calibrated on its own float answers to random inputs. */
export function randomQuantized(
  random: Random,
  options: RandomNetworkOptions = {},
  sparsity = 0,
): { network: Network; parameters: Parameters; encoding: InputEncoding; quantized: QuantizedNetwork } {
  const network = randomNetwork(random, options);
  return { network, ...randomlyQuantized(network, random, sparsity) };
}

/** A network with random parameters, calibrated on random inputs. */
export function randomlyQuantized(network: Network, random: Random, sparsity = 0) {
  const parameters = randomParameters(network, random, sparsity);
  const encoding = { zeroPoint: random.integer(256), deviation: 20 + random.integer(80) };
  const ranges = calibrate(network, parameters, encoding, random);
  return { parameters, encoding, quantized: quantize(network, parameters, encoding, ranges) };
}

export const decoded = (bytes: Uint8Array, { zeroPoint, deviation }: InputEncoding): Float64Array =>
  Float64Array.from(bytes, (byte) => (byte - zeroPoint) / deviation);

export function calibrate(network: Network, parameters: Parameters, encoding: InputEncoding, random: Random, count = 8): Ranges {
  const ranges = new Map<string, { min: number; max: number }>();
  for (let i = 0; i < count; i++) {
    for (const [name, values] of forward(network, parameters, decoded(randomBytes(random, elements(network.input)), encoding))) {
      const range = ranges.get(name) ?? { min: 0, max: 0 };
      ranges.set(name, { min: Math.min(range.min, ...values), max: Math.max(range.max, ...values) });
    }
  }
  return ranges;
}
