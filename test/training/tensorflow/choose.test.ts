import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chooseEngine, type EngineChoice } from '../../../server/training/tensorflow/choose.ts';
import { CLASSES, encoding, network } from '../networks.ts';
import { library } from './library.ts';

const small = network([8, 8, 1], { op: 'conv2d', filters: 3 }, { op: 'globalMaxPool' }, { op: 'dense', units: CLASSES });
const vast = network([1024, 1024, 1], { op: 'conv2d', filters: 16 }, { op: 'globalMaxPool' }, { op: 'dense', units: CLASSES });
const nowhere = { folder: join(tmpdir(), 'nowhere') };

const chosen = (choice: Omit<EngineChoice, 'encoding'>): string => {
  const engine = chooseEngine({ encoding, ...choice });
  return 'refused' in engine ? engine.refused : engine.variant;
};

test('the engine is the one that is asked for', () => {
  assert.equal(chosen({ engine: 'wasm', variant: 'simd', network: vast }), 'wasm-simd');
  assert.match(chosen({ engine: 'tensorflow', network: small, tensorflow: { module: library, backend: 'cpu' } }), /^tensorflow-cpu \d/);
  assert.match(chosen({ engine: 'tensorflow', network: small, tensorflow: nowhere }), /^TensorFlow is not installed/);
});

test('without a wish TensorFlow trains what is too large for the first engine', () => {
  assert.equal(chosen({ engine: 'auto', variant: 'simd', network: small, tensorflow: nowhere }), 'wasm-simd');
  assert.match(chosen({ engine: 'auto', network: vast, tensorflow: { module: library, backend: 'cpu' } }), /^tensorflow-cpu \d/);
  assert.match(
    chosen({ engine: 'auto', network: vast, tensorflow: nowhere }),
    /^the network needs at least \d+ bytes to train; .* TensorFlow could train it, but is not there: TensorFlow is not installed/,
  );
});
