import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameters } from '../../server/network/network.ts';
import type { SessionOptions } from '../../server/training/engine.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { anyParameters, encoding, network, randomSamples, wholeNetworks } from './networks.ts';
import { mapTensors } from './tensors.ts';

const layers = network([4, 4, 2], { op: 'conv2d', filters: 3 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: 3 });
const samples = randomSamples(layers.input, 16, 4);
const parameters = anyParameters(layers, 3);
const rate = { learningRate: 0.05, weightDecay: 0.1 };
const open = (options: Partial<SessionOptions> = {}) =>
  createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 16, seed: 1, parameters, ...options });
const all = Uint32Array.from({ length: 16 }, (_, i) => i);

test('SGD with momentum equals float64, weight decay on weights alone', () => {
  const session = open({ optimiser: { kind: 'sgd', momentum: 0.9 } });
  const velocity = mapTensors(parameters, (values) => new Float64Array(values.length));
  const expected = mapTensors(parameters, (values) => Float64Array.from(values));
  for (let step = 0; step < 4; step++) {
    const { gradients } = open({ parameters: mapTensors(expected, (values) => Float32Array.from(values)) }).gradients(samples, all);
    for (const [layer, tensors] of Object.entries(expected)) {
      for (const [tensor, values] of Object.entries(tensors)) {
        values.forEach((value, i) => {
          velocity[layer][tensor][i] = 0.9 * velocity[layer][tensor][i] + gradients[layer][tensor][i];
          values[i] = value * (tensor === 'weight' ? 1 - 0.05 * 0.1 : 1) - 0.05 * velocity[layer][tensor][i];
        });
      }
    }
    session.trainEpoch(samples, () => rate);
  }
  close(session.read(), expected, 1e-5);
});

test('a gradient that is too long is shortened', () => {
  const { gradients } = open().gradients(samples, all);
  const values = Object.values(gradients).flatMap((tensors) => Object.values(tensors).flatMap((each) => [...each]));
  const length = Math.hypot(...values);
  const moved = (clip: number) => {
    const session = open({ optimiser: { kind: 'sgd', clip } });
    session.trainEpoch(samples, () => ({ learningRate: 1, weightDecay: 0 }));
    const after = session.read();
    return Math.hypot(
      ...Object.entries(parameters).flatMap(([layer, tensors]) =>
        Object.entries(tensors).flatMap(([tensor, each]) => [...each].map((value, i) => after[layer][tensor][i] - value)),
      ),
    );
  };
  assert.ok(Math.abs(moved(length / 3) - length / 3) < 1e-4 * length);
  assert.ok(Math.abs(moved(2 * length) - length) < 1e-4 * length);
});

test('the average of the weights is what is read and evaluated', () => {
  const session = open({ optimiser: { kind: 'sgd', average: 0.5 } });
  const plain = open({ optimiser: { kind: 'sgd' } });
  let expected = mapTensors(parameters, (values) => [...values]);
  for (let step = 1; step <= 5; step++) {
    for (const each of [session, plain]) each.trainEpoch(samples, () => ({ learningRate: 0.05, weightDecay: 0 }));
    const now = plain.read();
    const kept = step === 1 ? 0 : Math.min(0.5, step / (step + 10));
    expected = mapTensors(expected, (values, tensor, layer) =>
      values.map((value, i) => now[layer][tensor][i] + kept * (value - now[layer][tensor][i])),
    );
  }
  close(session.read(), expected, 1e-5);
  const read = open({ parameters: session.read() });
  assert.deepEqual(session.evaluate(samples), read.evaluate(samples));
});

test('training that is taken up again ends as if it had not stopped', () => {
  for (const kind of ['adam', 'sgd'] as const) {
    const network = wholeNetworks['a stack of convolutions'];
    const data = randomSamples(network.input, 32, 4);
    const options = { network, encoding, batch: 32, optimiser: { kind, momentum: 0.5 } };
    const engine = createEngine({ variant: 'simd' });
    const whole = engine.open({ ...options, seed: 1 });
    const begun = engine.open({ ...options, seed: 1 });
    const run = (session: typeof whole, epochs: number) => {
      for (let i = 0; i < epochs; i++) session.trainEpoch(data, () => rate);
    };
    run(whole, 4);
    run(begun, 2);
    const resumed = engine.open({ ...options, seed: 99, state: begun.state() });
    run(resumed, 2);
    // Another seed puts the samples of a step in another order, which rounds otherwise.
    close(resumed.read(), whole.read(), 0.05);
  }
});

function close(found: Parameters, expected: { [layer: string]: { [tensor: string]: ArrayLike<number> } }, tolerance: number): void {
  for (const [layer, tensors] of Object.entries(expected))
    for (const [tensor, values] of Object.entries(tensors))
      Array.from(values).forEach((value, i) => {
        const other = found[layer][tensor][i];
        assert.ok(Math.abs(other - value) < tolerance * (1 + Math.abs(value)), `${layer}.${tensor}[${i}] is ${other}, not ${value}`);
      });
}
