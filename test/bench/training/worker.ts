import { parentPort } from 'node:worker_threads';
import type { Samples } from '../../../server/dataset/dataset.ts';
import type { Network } from '../../../server/network/network.ts';
import { elements, type Shape } from '../../../server/network/shape.ts';
import { createRandom } from '../../../server/random.ts';
import type { WeightForm } from '../../../server/training/engine.ts';
import type { WasmSession } from '../../../server/training/session.ts';
import { createEngine, type Variant } from '../../../server/training/wasm.ts';
import { type NetworkName, networks, normalised } from './networks.ts';

/** What is trained: a network as it is, with batch norm, in a form, with half or three quarters of its weights masked. */
export type Kind = 'plain' | 'batchnorm' | 'masks50' | 'masks75' | WeightForm;
export type Job = { readonly network: NetworkName; readonly kind: Kind; readonly variant: Variant; readonly ms: number };
/** Processor time is the whole process's: of one busy worker at a time it is the worker's own. */
export type Outcome = { readonly images: number; readonly seconds: number; readonly cpuSeconds: number };

const COUNT = 1280;
const open = new Map<string, () => void>();

parentPort?.on('message', ({ network, kind, variant, ms }: Job) => {
  const key = `${network} ${kind} ${variant}`;
  if (!open.has(key)) open.set(key, prepared(networks[network], kind, variant));
  parentPort!.postMessage(measure(open.get(key)!, ms));
});

function measure(epoch: () => void, ms: number): Outcome {
  const begin = process.cpuUsage();
  const wall = performance.now();
  let images = 0;
  while (performance.now() < wall + ms) {
    epoch();
    images += COUNT;
  }
  const { user, system } = process.cpuUsage(begin);
  return { images, seconds: (performance.now() - wall) / 1e3, cpuSeconds: (user + system) / 1e6 };
}

function prepared(plain: Network, kind: Kind, variant: Variant): () => void {
  const network = kind === 'batchnorm' ? normalised(plain) : plain;
  const form = kind === 'variational' || kind === 'bayesian' || kind === 'feedback' ? kind : undefined;
  const samples = noise(network.input);
  const session = createEngine({ variant }).open({ network, encoding: { zeroPoint: 128, deviation: 64 }, batch: 64, seed: 1, form });
  if (kind === 'masks50') mask(session, 0.5);
  if (kind === 'masks75') mask(session, 0.75);
  const epoch = () => void session.trainEpoch(samples, () => ({ learningRate: 1e-3, weightDecay: 0 }));
  for (let i = 0; i < 3; i++) epoch();
  return epoch;
}

function mask(session: WasmSession, share: number): void {
  const random = createRandom(3);
  const tensors = Object.entries(session.read()).map(([layer, { weight, ...rest }]) => [
    layer,
    { ...rest, ...(weight && { weight: weight.map((value) => (random.next() < share ? 0 : value)) }) },
  ]);
  session.write(Object.fromEntries(tensors));
  session.freezeZeros();
  session.settleMasks();
}

export function noise(shape: Shape, count = COUNT): Samples {
  const random = createRandom(7);
  const x = Uint8Array.from({ length: count * elements(shape) }, () => random.integer(256));
  return { shape, count, x, labels: Uint8Array.from({ length: count }, () => random.integer(10)) };
}
