import assert from 'node:assert/strict';
import type { Samples } from '../../../server/dataset/dataset.ts';
import type { Parameters } from '../../../server/network/network.ts';
import { createRandom } from '../../../server/random.ts';
import type { Session } from '../../../server/training/engine.ts';
import { createTensorflowEngine } from '../../../server/training/tensorflow/engine.ts';
import { openOptimiser } from '../../../server/training/tensorflow/optimise.ts';
import { openStore } from '../../../server/training/tensorflow/store.ts';
import { train } from '../../../server/training/train.ts';
import { createEngine } from '../../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, randomNetwork, randomSamples, wholeNetworks } from '../networks.ts';
import { mapTensors } from '../tensors.ts';
import { assertClose } from './close.ts';
import { testBoth } from './library.ts';

const first = createEngine({ variant: 'simd' });
const rate = { learningRate: 0.01, weightDecay: 0.1 };
const trunk = wholeNetworks['a stack of convolutions'];

testBoth("logits, losses, accuracies and ranges equal the first engine's", ({ engine }) => {
  const networks = [...Object.values(wholeNetworks), ...Array.from({ length: 8 }, (_, seed) => randomNetwork(100 + seed))];
  for (const [which, each] of networks.entries()) {
    const samples = randomSamples(each.input, [16, 21][which % 2], 5);
    const options = { network: each, encoding, batch: 16, seed: 1, parameters: anyParameters(each, 6) };
    const [expected, found] = [first.open(options), engine.open(options)];
    const logits = expected.predict(samples);
    assertClose(found.predict(samples), logits, 1e-5 * Math.max(1, ...logits.map(Math.abs)), JSON.stringify(each));
    const [a, b] = [expected.evaluate(samples), found.evaluate(samples)];
    assert.ok(Math.abs(a.loss - b.loss) < 1e-5 * (1 + a.loss) && a.accuracy === b.accuracy);
    const ranges = found.ranges(samples);
    assert.deepEqual([...ranges.keys()].sort(), each.layers.map(({ name }) => name).sort());
    for (const [layer, { min, max }] of expected.ranges(samples)) {
      const range = ranges.get(layer)!;
      assertClose([range.min, range.max], [min, max], 1e-5 * Math.max(1, Math.abs(min), Math.abs(max)), layer);
    }
    found.close();
  }
});

testBoth('twenty steps have the losses of the first engine, from the same weights and samples in the same order', ({ engine }) => {
  const networks = [...Object.values(wholeNetworks), ...Array.from({ length: 6 }, (_, seed) => randomNetwork(1 + seed))];
  for (const each of networks) {
    const samples = randomSamples(each.input, 70, 7);
    const options = { network: each, encoding, batch: 20, seed: 9, augmentation: { shift: 1 } };
    const [expected, found] = [curve(first.open(options), samples), curve(engine.open(options), samples)];
    assertClose(found.trained, expected.trained, 2e-5, JSON.stringify(each));
    // The gradient of a bias before batch norm is nothing but rounding, which Adam blows up to steps; in evaluation they show.
    const blurred = each.layers.some(({ op }) => op === 'batchNorm');
    assertClose([found.evaluated], [expected.evaluated], blurred ? 0.03 : 1e-5, JSON.stringify(each));
  }
});

/** The mean losses of five passes of four steps, and the loss in evaluation after them. */
function curve(session: Session, samples: Samples): { trained: number[]; evaluated: number } {
  const trained = Array.from({ length: 5 }, () => session.trainEpoch(samples, () => rate));
  const evaluated = session.evaluate(samples).loss;
  session.close();
  return { trained, evaluated };
}

testBoth('steps equal a float64 Adam with decoupled weight decay, for the smallest gradients too', ({ tf }) => {
  const random = createRandom(8);
  const store = openStore(tf, trunk);
  const initial = anyParameters(trunk, 2);
  store.write(initial);
  const optimiser = openOptimiser(tf, { kind: 'adam' }, store, undefined);
  const expected = store.learned.map(({ layer, tensor }) => {
    const values = Float64Array.from(initial[layer][tensor]);
    return { layer, tensor, values, mean: new Float64Array(values.length), variance: new Float64Array(values.length) };
  });
  for (let step = 1; step <= 6; step++) {
    const gradients = expected.map(({ values }) => values.map(() => random.normal() * 10 ** -random.integer(11)));
    tf.tidy(() => {
      const tensors = store.learned.map(({ value }, which) => tf.tensor(Float32Array.from(gradients[which]), value.shape));
      optimiser.step(tensors, rate);
    });
    for (const [which, { tensor, values, mean, variance }] of expected.entries()) {
      gradients[which].forEach((g, i) => {
        mean[i] = 0.9 * mean[i] + 0.1 * g;
        variance[i] = 0.999 * variance[i] + 0.001 * g * g;
        const change = mean[i] / (1 - 0.9 ** step) / (Math.sqrt(variance[i] / (1 - 0.999 ** step)) + 1e-8);
        values[i] -= rate.learningRate * (change + (tensor === 'weight' ? rate.weightDecay * values[i] : 0));
      });
    }
    const found = store.read();
    for (const { layer, tensor, values } of expected) assertClose(found[layer][tensor], values, 1e-5, `${layer}.${tensor}, step ${step}`);
  }
  store.dispose();
  optimiser.dispose();
});

testBoth('the same seed gives the same weights, another seed others', ({ engine }) => {
  const samples = randomSamples(trunk.input, 40, 2);
  const run = (seed: number) => {
    const session = engine.open({ network: trunk, encoding, batch: 32, seed });
    const initial = session.read();
    session.trainEpoch(samples, () => rate);
    session.close();
    return initial;
  };
  assert.deepEqual(run(5), run(5));
  assert.deepEqual(run(5), first.open({ network: trunk, encoding, batch: 32, seed: 5 }).read());
  assert.notDeepEqual(run(5), run(6));
});

testBoth('frozen zeros stay zero, after more are frozen too, and nothing else becomes zero', ({ engine }) => {
  const random = createRandom(1);
  const holed = (parameters: Parameters) =>
    mapTensors(parameters, (values, tensor) => values.map((value) => (tensor === 'weight' && random.next() < 0.3 ? 0 : value)));
  const session = engine.open({ network: trunk, encoding, batch: 16, seed: 1, parameters: holed(anyParameters(trunk, 3)) });
  for (let i = 0; i < 3; i++) {
    session.write(holed(session.read()));
    session.freezeZeros();
    const before = session.read();
    session.trainEpoch(randomSamples(trunk.input, 40, i), () => rate);
    const after = session.read();
    for (const [layer, { weight }] of Object.entries(before))
      weight?.forEach((value, at) => {
        assert.equal(after[layer].weight[at] === 0, value === 0);
      });
  }
  session.close();
});

testBoth('what is written is read back and is a copy; what has another length is refused', ({ engine }) => {
  for (const each of Object.values(wholeNetworks)) {
    const session = engine.open({ network: each, encoding, batch: 16, seed: 1 });
    const parameters = anyParameters(each, 3);
    session.write(parameters);
    const read = session.read();
    assert.deepEqual(read, parameters);
    mapTensors(read, (values) => values.fill(7));
    assert.deepEqual(session.read(), parameters);
    for (const [layer, tensors] of Object.entries(parameters)) {
      const [tensor] = Object.keys(tensors);
      assert.throws(() => session.write({ [layer]: { [tensor]: new Float32Array(2000) } }), /has 2000 values; the network needs/);
    }
    session.close();
  }
});

testBoth('a batch run in parts, for want of memory, has the same loss, gradients and moments', ({ tf, engine }) => {
  const whole = wholeNetworks['a residual and a side branch'];
  const samples = randomSamples(whole.input, 70, 3);
  const options = { network: whole, encoding, batch: 70, seed: 1, parameters: anyParameters(whole, 4) };
  const backend = tf.getBackend() as 'cpu' | 'tensorflow';
  const parted = createTensorflowEngine({ module: tf, backend, workingBytes: 1 });
  const [a, b] = [engine.open(options), parted.open(options)];
  const indices = Uint32Array.from({ length: 70 }, (_, i) => i);
  const [expected, found] = [a.gradients(samples, indices), b.gradients(samples, indices)];
  assertClose([found.loss], [expected.loss], 1e-5, 'loss');
  mapTensors(expected.gradients, (values, tensor, layer) =>
    assertClose(found.gradients[layer][tensor], values, 1e-4, `${layer}.${tensor}`),
  );
  for (const session of [a, b]) session.trainEpoch(samples, () => ({ learningRate: 0, weightDecay: 0 }));
  const moments = b.read();
  mapTensors(a.read(), (values, tensor, layer) => assertClose(moments[layer][tensor], values, 1e-4, `${layer}.${tensor}`));
  a.close();
  b.close();
});

testBoth('a pass ends without a rate, and at once at a loss that is not finite', ({ engine }) => {
  const samples = randomSamples(trunk.input, 40, 1);
  const session = engine.open({ network: trunk, encoding, batch: 16, seed: 1 });
  const before = session.read();
  assert.equal(
    session.trainEpoch(samples, () => undefined),
    0,
  );
  assert.deepEqual(session.read(), before);
  session.trainEpoch(samples, () => ({ learningRate: 1e30, weightDecay: 0 }));
  let asked = 0;
  const loss = session.trainEpoch(samples, () => {
    asked++;
    return rate;
  });
  assert.ok(!Number.isFinite(loss) && asked === 1);
  session.close();
});

testBoth('samples that do not fit, and wishes that it does not know, are refused', ({ engine }) => {
  const session = engine.open({ network: trunk, encoding, batch: 16, seed: 1 });
  const samples = randomSamples(trunk.input, 4, 1);
  const fails = (bad: Samples, message: RegExp) => assert.throws(() => session.trainEpoch(bad, () => rate), message);
  fails({ ...samples, labels: Uint8Array.of(0, 1, CLASSES, 0) }, /sample 2 has label 3; the network has 3 classes/);
  fails({ ...samples, shape: { height: 10, width: 10, channels: 2 } }, /do not match/);
  session.close();
  const wish = { network: trunk, encoding, batch: 16, seed: 1, augmentation: { shift: 1, dreams: 2 } };
  assert.throws(() => engine.open(wish), /the TensorFlow engine cannot train with dreams/);
});

testBoth('it trains and prunes by a recipe like the first engine', ({ engine }) => {
  const whole = wholeNetworks['a residual and a side branch'];
  const split = (seed: number) => randomSamples(whole.input, 50, seed);
  const data = { name: 'noise', classes: ['a', 'b', 'c'], encoding, train: split(1), validation: split(2), test: split(3) };
  const pruning = { structured: 0.5, unstructured: 0.7, from: 0.2, to: 0.8 };
  const recipe = { epochs: 4, batch: 16, learningRate: 0.01, weightDecay: 1e-4, schedule: 'cosine', pruning } as const;
  const [expected, found] = [first, engine].map((each) => train(each, { network: whole, data, recipe, seed: 3 }));
  assert.deepEqual([found.ended, found.network], [expected.ended, expected.network]);
  const zeros = ({ parameters }: typeof found) =>
    Object.values(parameters)
      .flatMap(({ weight }) => [...(weight ?? [])])
      .filter((w) => w === 0);
  assert.equal(zeros(found).length, zeros(expected).length);
});
