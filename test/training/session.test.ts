import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Samples } from '../../server/dataset/dataset.ts';
import type { Network, Parameters } from '../../server/network/network.ts';
import { elements } from '../../server/network/shape.ts';
import { createRandom } from '../../server/random.ts';
import { createEngine, type Variant } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomNetwork, randomSamples, wholeNetworks } from './networks.ts';
import { reference } from './reference.ts';
import { mapTensors } from './tensors.ts';
import { variants } from './variants.ts';

const engine = createEngine({ variant: 'simd' });
const rate = { learningRate: 0.01, weightDecay: 0.1 };
const trunk = wholeNetworks['a stack of convolutions'];

test('an engine says which variant it is', () => {
  assert.equal(engine.variant, 'wasm-simd');
  assert.equal(createEngine().variant, `wasm-${variants[variants.length - 1]}`);
});

test('logits, losses and ranges in evaluation equal the float64 reference', () => {
  const networks = [...Object.values(wholeNetworks), ...Array.from({ length: 8 }, (_, seed) => randomNetwork(100 + seed))];
  for (const [which, each] of networks.entries()) {
    const samples = randomSamples(each.input, [16, 21][which % 2], 5);
    const parameters = anyParameters(each, 6);
    const session = createEngine({ variant: variants[which % variants.length] }).open({
      network: each,
      encoding,
      batch: 16,
      seed: 1,
      parameters,
    });
    const expected = reference(each, parameters, encoding, samples, [...samples.labels.keys()], 'infer');
    const logits = session.predict(samples);
    const scale = Math.max(...expected.logits.flat().map(Math.abs), 1);
    for (const [i, logit] of expected.logits.flat().entries())
      assert.ok(Math.abs(logits[i] - logit) < 1e-5 * scale, `logit ${i} of ${JSON.stringify(each)}`);
    const { loss, accuracy } = session.evaluate(samples);
    assert.ok(Math.abs(loss - expected.loss) < 1e-4 * (1 + loss));
    const right = expected.logits.filter((row, i) => row.indexOf(Math.max(...row)) === samples.labels[i]).length;
    assert.equal(Math.round(accuracy * samples.count), right);
    const ranges = session.ranges(samples);
    for (const [layer, values] of expected.values) {
      const close = (a: number, b: number) => Math.abs(a - b) < 1e-4 * Math.max(1, ...values.map(Math.abs));
      const range = ranges.get(layer)!;
      assert.ok(
        close(range.min, Math.min(...values)) && close(range.max, Math.max(...values)),
        `range of ${layer} in ${JSON.stringify(each)}`,
      );
    }
  }
});

test('steps equal a float64 Adam with decoupled weight decay', () => {
  const layers = network(
    [4, 4, 2],
    { op: 'conv2d', filters: 3 },
    { op: 'batchNorm' },
    { op: 'relu' },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  );
  const samples = randomSamples(layers.input, 10, 9);
  for (const variant of variants) {
    const session = createEngine({ variant }).open({ network: layers, encoding, batch: 10, seed: 4 });
    const adam = new ReferenceAdam(layers, session.read());
    for (let step = 0; step < 12; step++) {
      adam.step(samples);
      session.trainEpoch(samples, () => rate);
      assertClose(session.read(), adam.parameters, 1e-4);
    }
  }
});

test('the same seed gives the same bits; another seed does not', () => {
  const samples = randomSamples(trunk.input, 70, 2);
  const run = (seed: number, variant: Variant) => {
    const session = createEngine({ variant }).open({ network: trunk, encoding, batch: 32, seed, augmentation: { shift: 1 } });
    for (let i = 0; i < 2; i++) session.trainEpoch(samples, () => rate);
    return session.read();
  };
  for (const variant of variants) assert.deepEqual(run(5, variant), run(5, variant));
  assert.notDeepEqual(run(5, 'simd'), run(6, 'simd'));
});

test('a small network learns to tell stripes apart', () => {
  const shape = { height: 8, width: 8, channels: 1 };
  const samples = stripes(shape, 300);
  const session = engine.open({
    network: network([8, 8, 1], { op: 'conv2d', filters: 4 }, { op: 'relu' }, { op: 'globalMaxPool' }, { op: 'dense', units: CLASSES }),
    encoding,
    batch: 32,
    seed: 1,
  });
  const first = session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
  for (let i = 0; i < 12; i++) session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
  const { loss, accuracy } = session.evaluate(stripes(shape, 90));
  assert.ok(loss < first / 3 && accuracy > 0.95, `loss ${loss} of ${first}, accuracy ${accuracy}`);
});

test('frozen zeros stay zero, and biases that begin as zero do learn', () => {
  const parameters = anyParameters(trunk, 3);
  const random = createRandom(1);
  const holed = mapTensors(parameters, (values, tensor) =>
    values.map((value) => (tensor === 'weight' && random.next() < 0.5 ? 0 : tensor === 'bias' ? 0 : value)),
  );
  const session = engine.open({ network: trunk, encoding, batch: 16, seed: 1, parameters: holed });
  session.freezeZeros();
  for (let i = 0; i < 3; i++) session.trainEpoch(randomSamples(trunk.input, 40, i), () => rate);
  const after = session.read();
  for (const [layer, tensors] of Object.entries(holed)) {
    if (!tensors.weight) continue;
    for (const [i, value] of tensors.weight.entries()) assert.equal(after[layer].weight[i] === 0, value === 0);
  }
  const last = trunk.layers[trunk.layers.length - 1].name;
  assert.ok(after[last].bias.every((value) => value !== 0));
});

test('what is written is read back, and what has another length is refused', () => {
  for (const each of Object.values(wholeNetworks)) {
    const session = engine.open({ network: each, encoding, batch: 16, seed: 1 });
    const parameters = anyParameters(each, 3);
    session.write(parameters);
    assert.deepEqual(session.read(), parameters);
    for (const [layer, tensors] of Object.entries(parameters)) {
      const [tensor] = Object.keys(tensors);
      assert.throws(() => session.write({ [layer]: { [tensor]: new Float32Array(2000) } }), /has 2000 values; the network needs/);
    }
  }
});

test("batch norm's running moments follow those of the values", () => {
  const layers = network(
    [6, 6, 1],
    { op: 'conv2d', filters: 3 },
    { op: 'batchNorm', name: 'norm' },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  );
  const samples = randomSamples(layers.input, 160, 12);
  const session = engine.open({ network: layers, encoding, batch: 16, seed: 1 });
  session.trainEpoch(samples, () => ({ learningRate: 0, weightDecay: 0 }));
  const { norm } = session.read();
  const expected = reference(layers, session.read(), encoding, samples, [...samples.labels.keys()], 'infer').values.get(
    layers.layers[0].name,
  )!;
  for (let channel = 0; channel < 3; channel++) {
    const values = expected.filter((_, i) => i % 3 === channel);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(norm.mean[channel] - mean) < 1e-4 && Math.abs(norm.variance[channel] / variance - 1) < 1e-4);
  }
});

test('samples that are moved show the network what moved bytes would', () => {
  // Of one pixel's brightness alone, at a learning rate of 0: the loss tells which pixels the network saw.
  const shape = { height: 3, width: 4, channels: 2 };
  const samples = { ...randomSamples(shape, 1, 3), labels: Uint8Array.of(1) };
  const layers = network([3, 4, 2], { op: 'dense', units: CLASSES });
  const parameters = anyParameters(layers, 2);
  const possible = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => moved(samples, down, right)));
  const losses = possible.map((each) => engine.open({ network: layers, encoding, batch: 1, seed: 1, parameters }).evaluate(each).loss);
  const session = engine.open({ network: layers, encoding, batch: 1, seed: 1, parameters, augmentation: { shift: 1 } });
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const loss = session.trainEpoch(samples, () => ({ learningRate: 0, weightDecay: 0 }));
    seen.add(losses.findIndex((each) => Math.abs(each - loss) < 1e-5));
  }
  assert.deepEqual([...seen].sort(), [...losses.keys()]);
});

test('samples that do not fit, and networks that do not, are refused', () => {
  const session = engine.open({ network: trunk, encoding, batch: 16, seed: 1 });
  const samples = randomSamples(trunk.input, 4, 1);
  const fails = (bad: Samples, message: RegExp) => assert.throws(() => session.trainEpoch(bad, () => rate), message);
  fails({ ...samples, labels: Uint8Array.of(0, 1, CLASSES, 0) }, /sample 2 has label 3; the network has 3 classes/);
  fails({ ...samples, shape: { height: 10, width: 10, channels: 2 } }, /do not match/);
  fails({ ...samples, x: samples.x.subarray(1) }, /need/);
  fails({ ...samples, count: 0, x: samples.x.subarray(0, 0), labels: new Uint8Array() }, /no samples/);
  const vast = network([1024, 1024, 1], { op: 'conv2d', filters: 16 }, { op: 'globalMaxPool' }, { op: 'dense', units: CLASSES });
  const wide = network([2048, 2048, 1], { op: 'dense', units: 200 }, { op: 'dense', units: CLASSES });
  for (const large of [vast, wide])
    assert.throws(() => engine.open({ network: large, encoding, batch: 16, seed: 1 }), /needs at least \d+ bytes to train/);
});

class ReferenceAdam {
  parameters: Parameters;
  readonly #network: Network;
  readonly #moments = new Map<string, { mean: Float64Array; variance: Float64Array; value: Float64Array }>();
  #steps = 0;

  constructor(of: Network, parameters: Parameters) {
    this.#network = of;
    this.parameters = parameters;
  }

  step(samples: Samples): void {
    this.#steps++;
    const gradients = reference(this.#network, this.parameters, encoding, samples, [...samples.labels.keys()]).gradients();
    this.parameters = mapTensors(this.parameters, (values, tensor, layer) => {
      if (tensor === 'mean' || tensor === 'variance') return values;
      const key = `${layer}.${tensor}`;
      const zeros = () => new Float64Array(values.length);
      const { mean, variance, value } = this.#moments.get(key) ?? { mean: zeros(), variance: zeros(), value: Float64Array.from(values) };
      this.#moments.set(key, { mean, variance, value });
      gradients[layer][tensor].forEach((g, i) => {
        mean[i] = 0.9 * mean[i] + 0.1 * g;
        variance[i] = 0.999 * variance[i] + 0.001 * g * g;
        const step = mean[i] / (1 - 0.9 ** this.#steps) / (Math.sqrt(variance[i] / (1 - 0.999 ** this.#steps)) + 1e-8);
        const decay = tensor === 'weight' ? rate.weightDecay * value[i] : 0;
        value[i] -= rate.learningRate * (step + decay);
      });
      return Float32Array.from(value);
    });
  }
}

function assertClose(found: Parameters, expected: Parameters, tolerance: number): void {
  for (const [layer, tensors] of Object.entries(expected)) {
    for (const [tensor, values] of Object.entries(tensors)) {
      if (tensor === 'mean' || tensor === 'variance') continue;
      // The gradient of a bias before batch norm is nothing but rounding, which Adam blows up to full steps.
      if (layer === 'l0' && tensor === 'bias') continue;
      for (const [i, value] of values.entries()) {
        assert.ok(
          Math.abs(found[layer][tensor][i] - value) < tolerance,
          `${layer}.${tensor}[${i}]: ${found[layer][tensor][i]}, not ${value}`,
        );
      }
    }
  }
}

/** Rows, columns or a flat grey, with noise. */
function stripes(shape: Samples['shape'], count: number): Samples {
  const random = createRandom(count);
  const labels = Uint8Array.from({ length: count }, () => random.integer(CLASSES));
  const size = elements(shape);
  const x = Uint8Array.from({ length: count * size }, (_, i) => {
    const [label, row, column] = [labels[Math.floor(i / size)], Math.floor((i % size) / shape.width), i % shape.width];
    const bright = label === 0 ? row % 2 : label === 1 ? column % 2 : 0.5;
    return 60 + 120 * bright + random.uniform(-30, 30);
  });
  return { shape, count, x, labels };
}

function moved(samples: Samples, down: number, right: number): Samples {
  const { height, width, channels } = samples.shape;
  const clamp = (at: number, size: number) => Math.min(Math.max(at, 0), size - 1);
  const x = samples.x.map((_, i) => {
    const [row, column, channel] = [Math.floor(i / channels / width), Math.floor(i / channels) % width, i % channels];
    return samples.x[(clamp(row - down, height) * width + clamp(column - right, width)) * channels + channel];
  });
  return { ...samples, x };
}
