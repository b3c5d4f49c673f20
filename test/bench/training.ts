import { parseArgs } from 'node:util';
import type { Samples } from '../../server/dataset/dataset.ts';
import { macCount } from '../../server/network/check.ts';
import type { Network } from '../../server/network/network.ts';
import { elements, type Shape } from '../../server/network/shape.ts';
import { createRandom } from '../../server/random.ts';
import { createEngine, hasRelaxed, type Variant } from '../../server/training/wasm.ts';

/** Images per second of training and of evaluation on one core: networks A, B and C, batch 64, the median of the rounds. Last line: JSON. */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, variant: { type: 'string' } } });
const variant = (values.variant ?? (hasRelaxed() ? 'relaxed' : 'simd')) as Variant;
const ROUNDS = values.quick ? 5 : 15;
const ROUND_MS = values.quick ? 400 : 1000;

const networks: { [name: string]: Network } = { A: networkA(), B: networkB(), C: networkC() };
const figures: { [key: string]: number } = {};
for (const [name, network] of Object.entries(networks)) {
  const { train, evaluate, openMs } = measure(network);
  const gigaflops = (train * 2 * 3 * macCount(network)) / 1e9;
  figures[name] = Math.round(train);
  console.log(
    `${name}: ${Math.round(train)} images/s trained (at most ${gigaflops.toFixed(1)} GFLOP/s), ${Math.round(evaluate)} evaluated, opened in ${openMs.toFixed(1)} ms`,
  );
}
figures.batchnorm = Number((measure(normalised(networks.A)).train / figures.A).toFixed(3));
console.log(`A with batch norm trains at ${figures.batchnorm} of the speed without`);
console.log(`node ${process.version}, ${variant}`);
console.log(JSON.stringify(figures));

function measure(network: Network): { train: number; evaluate: number; openMs: number } {
  const samples = noise(network.input, 1280);
  const engine = createEngine({ variant });
  const begin = performance.now();
  const session = engine.open({ network, encoding: { zeroPoint: 128, deviation: 64 }, batch: 64, seed: 1 });
  const openMs = performance.now() - begin;
  const rate = () => ({ learningRate: 1e-3, weightDecay: 0 });
  for (let i = 0; i < 3; i++) session.trainEpoch(samples, rate);
  return {
    train: perSecond(() => session.trainEpoch(samples, rate), 1280),
    evaluate: perSecond(() => session.evaluate(samples), 1280),
    openMs,
  };
}

/** Processor time, so that other programs on the machine count less. */
function perSecond(work: () => void, items: number): number {
  const speeds = Array.from({ length: ROUNDS }, () => {
    const begin = process.cpuUsage();
    const end = performance.now() + ROUND_MS;
    let done = 0;
    while (performance.now() < end) {
      work();
      done += items;
    }
    const { user, system } = process.cpuUsage(begin);
    return (done / (user + system)) * 1e6;
  });
  return speeds.sort((a, b) => a - b)[ROUNDS >> 1];
}

function noise(shape: Shape, count: number): Samples {
  const random = createRandom(7);
  const x = Uint8Array.from({ length: count * elements(shape) }, () => random.integer(256));
  return { shape, count, x, labels: Uint8Array.from({ length: count }, () => random.integer(10)) };
}

/** With batch norm after every convolution. */
function normalised({ input, layers }: Network): Network {
  const after = (name: string) => (layers.find((layer) => layer.name === name)?.op === 'conv2d' ? `${name}-norm` : name);
  return {
    input,
    layers: layers.flatMap((layer) => {
      const moved = { ...layer, inputs: layer.inputs.map(after) };
      return layer.op === 'conv2d' ? [moved, { name: `${layer.name}-norm`, op: 'batchNorm', inputs: [layer.name] }] : [moved];
    }),
  };
}

function networkA(): Network {
  return {
    input: { height: 28, width: 28, channels: 1 },
    layers: [
      { name: 'conv1', op: 'conv2d', inputs: ['input'], filters: 8, kernel: [5, 5], stride: [1, 1], padding: 'valid' },
      { name: 'relu1', op: 'relu', inputs: ['conv1'] },
      { name: 'pool1', op: 'maxPool', inputs: ['relu1'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
      { name: 'conv2', op: 'conv2d', inputs: ['pool1'], filters: 16, kernel: [3, 3], stride: [1, 1], padding: 'valid' },
      { name: 'relu2', op: 'relu', inputs: ['conv2'] },
      { name: 'pool2', op: 'maxPool', inputs: ['relu2'], kernel: [2, 2], stride: [2, 2], padding: 'valid' },
      { name: 'dense', op: 'dense', inputs: ['pool2'], units: 10 },
    ],
  };
}

function networkB(): Network {
  return {
    input: { height: 32, width: 32, channels: 3 },
    layers: [
      { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 16, kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'relu', op: 'relu', inputs: ['conv'] },
      { name: 'depthwise1', op: 'depthwise', inputs: ['relu'], kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'point1', op: 'conv2d', inputs: ['depthwise1'], filters: 32, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu1', op: 'relu', inputs: ['point1'] },
      { name: 'depthwise2', op: 'depthwise', inputs: ['relu1'], kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'point2', op: 'conv2d', inputs: ['depthwise2'], filters: 32, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu2', op: 'relu', inputs: ['point2'] },
      { name: 'pool', op: 'globalAveragePool', inputs: ['relu2'] },
      { name: 'dense', op: 'dense', inputs: ['pool'], units: 10 },
    ],
  };
}

function networkC(): Network {
  return {
    input: { height: 28, width: 28, channels: 1 },
    layers: [
      { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 4, kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'relu', op: 'relu', inputs: ['conv'] },
      { name: 'depthwise1', op: 'depthwise', inputs: ['relu'], kernel: [3, 3], stride: [1, 1], padding: 'same' },
      { name: 'point1', op: 'conv2d', inputs: ['depthwise1'], filters: 8, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu1', op: 'relu', inputs: ['point1'] },
      { name: 'depthwise2', op: 'depthwise', inputs: ['relu1'], kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'point2', op: 'conv2d', inputs: ['depthwise2'], filters: 12, kernel: [1, 1], stride: [1, 1], padding: 'same' },
      { name: 'relu2', op: 'relu', inputs: ['point2'] },
      { name: 'pool', op: 'globalAveragePool', inputs: ['relu2'] },
      { name: 'dense', op: 'dense', inputs: ['pool'], units: 10 },
    ],
  };
}
