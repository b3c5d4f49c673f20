import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeState, encodeState } from '../../server/training/file.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { encoding, randomSamples, wholeNetworks } from './networks.ts';

const network = wholeNetworks['a residual and a side branch'];
const rate = () => ({ learningRate: 0.01, weightDecay: 0.01 });
const begun = createEngine({ variant: 'simd' }).open({ network, encoding, batch: 16, seed: 1, form: 'variational' });
begun.trainEpoch(randomSamples(network.input, 40, 1), rate);
const state = begun.state();
const file = encodeState(state);

test('a state is read back as it was written, from any place in memory', () => {
  assert.deepEqual(decodeState(file), state);
  const shifted = new Uint8Array(file.length + 3);
  shifted.set(file, 3);
  assert.deepEqual(decodeState(shifted.subarray(3)), state);
  assert.deepEqual(Object.keys(state.tensors), ['value', 'first', 'second', 'logVariance', 'logVarianceFirst', 'logVarianceSecond']);
});

test('its bytes are those of the description, and those of the version before are read', () => {
  const small = encodeState({ steps: 3, blocks: 7, tensors: { value: { a: { bias: Float32Array.of(1, -2) } } } });
  const index = '{"steps":3,"blocks":7,"tensors":[["value","a","bias",2]]}';
  const length = Math.ceil(index.length / 4) * 4;
  const expected = Buffer.concat([
    Buffer.from('SPARSETS'),
    Buffer.from(Uint32Array.of(2, length).buffer),
    Buffer.from(index.padEnd(length)),
    Buffer.from(Float32Array.of(1, -2).buffer),
  ]);
  assert.deepEqual(Buffer.from(small), expected);
  expected[8] = 1;
  assert.deepEqual(decodeState(expected), decodeState(small));
  expected[8] = 3;
  assert.throws(() => decodeState(expected), RangeError);
});

test('a session goes on from a file as from the session that wrote it', () => {
  const run = (from: typeof state) => {
    const session = createEngine({ variant: 'simd' }).open({ network, encoding, batch: 16, seed: 5, form: 'variational', state: from });
    session.trainEpoch(randomSamples(network.input, 40, 2), rate);
    return session.state();
  };
  assert.deepEqual(run(decodeState(file)), run(state));
});

test('damaged bytes are refused with a RangeError, or are a state', () => {
  const tries = (bytes: Uint8Array) => {
    try {
      decodeState(bytes);
    } catch (error) {
      assert.ok(error instanceof RangeError, `${error}`);
    }
  };
  for (let length = 0; length < 200; length++) tries(file.subarray(0, length));
  const damage = fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = file.slice();
      for (const [at, value] of changes) bytes[at] = value;
      tries(bytes);
    }),
    { numRuns: 500, seed: 1 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), tries), { seed: 1 });
});
