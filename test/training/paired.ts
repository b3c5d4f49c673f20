import { createEngine } from '../../server/training/wasm.ts';
import { encoding, network, randomSamples } from './networks.ts';

/* Trains what needs most kernels; run with V8's flags by `wide.test.ts`. */
const one = network(
  [16, 16, 1],
  { op: 'conv2d', filters: 8, kernel: [5, 5] },
  { op: 'relu' },
  { op: 'maxPool', kernel: [2, 2], stride: [2, 2], padding: 'valid' },
  { op: 'conv2d', filters: 8 },
  { op: 'batchNorm' },
  { op: 'relu' },
  { op: 'depthwise' },
  { op: 'conv2d', filters: 8, kernel: [1, 1] },
  { op: 'relu' },
  { op: 'depthwise', stride: [2, 2] },
  { op: 'flatten' },
  { op: 'dense', units: 3 },
);
const session = createEngine({ variant: 'wide' }).open({ network: one, encoding, batch: 16, seed: 1 });
session.trainEpoch(randomSamples(one.input, 64, 1), () => ({ learningRate: 1e-3, weightDecay: 0 }));
