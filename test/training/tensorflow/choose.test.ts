import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Network } from '../../../server/network/network.ts';
import { chooseEngine, type EngineChoice } from '../../../server/training/tensorflow/choose.ts';
import { CLASSES, encoding, network } from '../networks.ts';
import { library } from './library.ts';

const small = network([8, 8, 1], { op: 'conv2d', filters: 3 }, { op: 'globalMaxPool' }, { op: 'dense', units: CLASSES });
const vast = network([1024, 1024, 1], { op: 'conv2d', filters: 16 }, { op: 'globalMaxPool' }, { op: 'dense', units: CLASSES });
const nowhere = { folder: join(tmpdir(), 'nowhere') };
const there = { module: library, backend: 'cpu' } as const;

const chosen = (engine: EngineChoice['engine'], network: Network, tensorflow: EngineChoice['tensorflow'], form?: 'variational'): string => {
  const found = chooseEngine({ engine, session: { network, encoding, form }, variant: 'simd', tensorflow });
  return 'refused' in found ? found.refused : found.variant;
};

test('the engine is the one that is asked for', () => {
  assert.equal(chosen('wasm', vast, there), 'wasm-simd');
  assert.match(chosen('tensorflow', small, there), /^tensorflow-cpu \d/);
  assert.match(chosen('tensorflow', small, nowhere), /^TensorFlow is not installed/);
});

test('with auto TensorFlow trains what is too large for the first engine', () => {
  assert.equal(chosen('auto', small, nowhere), 'wasm-simd');
  assert.match(chosen('auto', vast, there), /^tensorflow-cpu \d/);
  const refused = /^the network needs at least \d+ bytes to train; at most \d+ are allowed; TensorFlow has no such bound, but: /;
  assert.match(chosen('auto', vast, nowhere), new RegExp(`${refused.source}TensorFlow is not installed`));
});

test('what TensorFlow cannot train is refused before it begins', () => {
  assert.equal(chosen('auto', small, there, 'variational'), 'wasm-simd');
  assert.match(chosen('tensorflow', small, there, 'variational'), /^the TensorFlow engine cannot prune by a method/);
});
