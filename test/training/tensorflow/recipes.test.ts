import assert from 'node:assert/strict';
import type { Parameters } from '../../../server/network/network.ts';
import type { Augmentation, LossRecipe, OptimiserRecipe, SessionOptions } from '../../../server/training/engine.ts';
import { createEngine } from '../../../server/training/wasm.ts';
import { CLASSES, encoding, network, randomSamples, wholeNetworks } from '../networks.ts';
import { mapTensors } from '../tensors.ts';
import { assertClose } from './close.ts';
import { testBoth } from './library.ts';

const first = createEngine({ variant: 'simd' });
const rate = { learningRate: 0.01, weightDecay: 0.1 };
// Without batch norm: the gradient of a bias before it is nothing but rounding.
const plain = network(
  [7, 7, 2],
  { op: 'conv2d', filters: 4 },
  { op: 'relu' },
  { op: 'depthwise', stride: [2, 1] },
  { op: 'averagePool', kernel: [2, 2] },
  { op: 'flatten' },
  { op: 'dense', units: CLASSES },
);
const samples = randomSamples(plain.input, 50, 4);
const base: SessionOptions = { network: plain, encoding, batch: 20, seed: 2 };
const teacher = Float32Array.from({ length: 50 * CLASSES }, (_, i) => ((i * 7) % 11) / 3 - 1.5);

const losses: LossRecipe[] = [
  { kind: 'meanSquare' },
  { smoothing: 0.1 },
  { classWeights: [1, 0.2, 3] },
  { kind: 'meanSquare', smoothing: 0.2, classWeights: [2, 1, 0.5] },
  { distillation: { teacher, temperature: 3, share: 0.4 } },
  { smoothing: 0.1, classWeights: [1, 0.2, 3], distillation: { teacher, temperature: 2, share: 1 } },
];

testBoth("every loss and its gradients equal the first engine's", ({ engine }) => {
  for (const loss of losses) {
    const indices = Uint32Array.from({ length: 50 }, (_, i) => (i * 7 + 2) % 50);
    const session = engine.open({ ...base, loss });
    const [expected, found] = [first.open({ ...base, loss }).gradients(samples, indices), session.gradients(samples, indices)];
    session.close();
    assertClose([found.loss], [expected.loss], 1e-5, JSON.stringify(loss));
    mapTensors(found.gradients, (values, tensor, layer) =>
      assertClose(values, expected.gradients[layer][tensor], 1e-5, `${layer}.${tensor} of ${JSON.stringify(loss)}`),
    );
  }
});

const optimisers: OptimiserRecipe[] = [
  { kind: 'adam' },
  { kind: 'adam', clip: 0.1 },
  { kind: 'adam', average: 0.8 },
  { kind: 'sgd' },
  { kind: 'sgd', momentum: 0.9, clip: 0.5, average: 0.95 },
];

testBoth("every optimiser's weights, and what is evaluated, equal the first engine's", ({ engine }) => {
  for (const optimiser of optimisers) {
    const sessions = [first.open({ ...base, optimiser }), engine.open({ ...base, optimiser })];
    for (let pass = 0; pass < 4; pass++) {
      const [a, b] = sessions.map((session) => session.trainEpoch(samples, () => rate));
      assertClose([b], [a], 1e-5, JSON.stringify(optimiser));
    }
    const [expected, found] = sessions.map((session) => session.read());
    // Adam makes steps of 0.01 of gradients however small, and their last bits differ.
    mapTensors(found, (values, tensor, layer) =>
      assertClose(values, expected[layer][tensor], 1e-3, `${layer}.${tensor} of ${JSON.stringify(optimiser)}`),
    );
    const [a, b] = sessions.map((session) => session.evaluate(samples).loss);
    assertClose([b], [a], 1e-5, JSON.stringify(optimiser));
    for (const session of sessions) session.close();
  }
});

testBoth("training goes on from a state, the first engine's too", ({ engine }) => {
  for (const optimiser of optimisers.slice(2)) {
    const whole = wholeNetworks['a series with a square kernel'];
    const noise = randomSamples(whole.input, 50, 4);
    const options: SessionOptions = { network: whole, encoding, batch: 20, seed: 2, optimiser };
    const begun = [first, engine].map((each) => {
      const session = each.open(options);
      session.trainEpoch(noise, () => rate);
      const state = session.state();
      session.close();
      return state;
    });
    const curves = begun.flatMap((state) =>
      [first, engine].map((each) => {
        const session = each.open({ ...options, state });
        const curve = [session.trainEpoch(noise, () => rate), session.trainEpoch(noise, () => rate), session.evaluate(noise).loss];
        session.close();
        return curve;
      }),
    );
    for (const curve of curves) assertClose(curve, curves[0], 2e-5, JSON.stringify(optimiser));
  }
});

/** Biases that are not 0: where a sample has holes, sums of 0 would lie on the bend of a ReLU, and rounding would choose its side. */
const biased = (parameters: Parameters): Parameters =>
  mapTensors(parameters, (values, tensor) => (tensor === 'bias' ? values.map((_, i) => 0.1 - i / 32) : values));

const augmentations: Augmentation[] = [
  { shift: 2 },
  { shift: 0, rotate: 0.5, scale: 0.2 },
  { shift: 1, flip: true },
  { shift: 0, cutout: 0.4 },
  { shift: 0, noise: 6 },
  { shift: 0, mixup: 0.5 },
  { shift: 1, rotate: 0.3, scale: 0.1, flip: true, cutout: 0.2, noise: 4, mixup: 0.3 },
];

testBoth("every augmentation gives the first engine's samples, and so its losses", ({ engine }) => {
  for (const each of [plain, wholeNetworks['a series']]) {
    const data = randomSamples(each.input, 50, 4);
    for (const augmentation of augmentations) {
      for (const loss of [undefined, { smoothing: 0.1, classWeights: [1, 0.2, 3] }]) {
        const options = { network: each, encoding, batch: 20, seed: 2, augmentation, loss };
        const sessions = [first.open(options), engine.open(options)];
        const begin = biased(sessions[0].read());
        const [expected, found] = sessions.map((session) => {
          session.write(begin);
          return Array.from({ length: 2 }, () => session.trainEpoch(data, () => rate));
        });
        assertClose(found, expected, 2e-5, JSON.stringify(options));
        sessions[1].close();
      }
    }
  }
});

testBoth('dropout leaves out inputs of dense layers in training alone', ({ engine }) => {
  const [without, dropping] = [undefined, 0.3].map((dropout) => engine.open({ ...base, dropout }));
  assert.deepEqual(dropping.predict(samples), without.predict(samples));
  const losses = Array.from({ length: 12 }, () => dropping.trainEpoch(samples, () => rate));
  assert.notEqual(
    losses[0],
    without.trainEpoch(samples, () => rate),
  );
  assert.ok(losses[11] < losses[0], `${losses}`);
  for (const session of [without, dropping]) session.close();
});
