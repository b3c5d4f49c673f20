import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataSet } from '../../server/dataset/dataset.ts';
import { withBits } from '../../server/network/bits.ts';
import { integerAccuracy } from '../../server/quantize/interpreter.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { withoutShare } from '../../server/training/prune/shape.ts';
import { channelShareAt, rateAt, sparsityAt } from '../../server/training/recipe.ts';
import { type EpochReport, type TrainingRecipe, train } from '../../server/training/train.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { CLASSES, encoding, network, randomSamples, wholeNetworks } from './networks.ts';
import { sparsityOf } from './tensors.ts';

const engine = createEngine({ variant: 'simd' });
const layers = wholeNetworks['a residual and a side branch'];
const data: DataSet = {
  name: 'noise',
  classes: ['a', 'b', 'c'],
  encoding,
  train: randomSamples(layers.input, 100, 1),
  validation: randomSamples(layers.input, 40, 2),
  test: randomSamples(layers.input, 40, 3),
};
const recipe: TrainingRecipe = {
  epochs: 6,
  batch: 16,
  learningRate: 0.01,
  weightDecay: 1e-4,
  schedule: 'cosine',
  warmup: 1,
  augmentation: { shift: 1 },
  pruning: { structured: 0.5, unstructured: 0.7, from: 0.2, to: 0.8 },
};

test('training prunes channels and weights to the shares of the recipe', () => {
  const reports: EpochReport[] = [];
  const result = train(engine, { network: layers, data, recipe, seed: 3, onEpoch: (report) => void reports.push(report) as undefined });
  assert.equal(result.ended, 'finished');
  assert.deepEqual(result.network, withoutShare(layers, 0.5));
  assert.ok(Math.abs(sparsityOf(result.parameters) - 0.7) < 0.02);
  assert.deepEqual(
    reports.map(({ epoch }) => epoch),
    [1, 2, 3, 4, 5, 6],
  );
  assert.deepEqual(reports[5].validation, result.validation);
  const again = engine.open({ network: result.network, parameters: result.parameters, encoding, batch: 16, seed: 0 });
  assert.deepEqual(again.evaluate(data.validation), result.validation);
});

test('the same options give the same weights', () => {
  const run = () => train(engine, { network: layers, data, recipe: { ...recipe, epochs: 3 }, seed: 8 });
  assert.deepEqual(run(), run());
});

test('without pruning the network stays as it is', () => {
  const pruning = { structured: 0, unstructured: 0, from: 0.2, to: 0.8 };
  const result = train(engine, { network: layers, data, recipe: { ...recipe, pruning }, seed: 3 });
  assert.deepEqual(result.network, layers);
  assert.equal(sparsityOf(result.parameters), 0);
});

test('training stops when asked to, and when the loss is no longer finite', () => {
  const seen: number[] = [];
  const stopped = train(engine, {
    network: layers,
    data,
    recipe,
    seed: 3,
    onEpoch: ({ epoch }) => (seen.push(epoch) === 2 ? 'stop' : undefined),
  });
  assert.deepEqual([stopped.ended, stopped.epochs, seen], ['stopped', 2, [1, 2]]);
  let asked = 0;
  const cancelled = train(engine, { network: layers, data, recipe, seed: 3, cancelled: () => ++asked > 10 });
  assert.deepEqual([cancelled.ended, cancelled.epochs, asked], ['cancelled', 2, 11]);
  const steep = network(
    [8, 8, 3],
    { op: 'conv2d', filters: 4 },
    { op: 'conv2d', filters: 4 },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  );
  const diverged = train(engine, { network: steep, data, recipe: { ...recipe, warmup: 0, learningRate: 1e30 }, seed: 3 });
  // The first step leaves weights whose products are beyond all numbers.
  assert.deepEqual([diverged.ended, diverged.epochs, diverged.divergedStep], ['diverged', 1, 2]);
  assert.equal(stopped.divergedStep, undefined);
});

test('a child starts from the weights of its parent', () => {
  const parent = train(engine, { network: layers, data, recipe, seed: 3 });
  const still = { ...recipe, learningRate: 0, epochs: 1, pruning: { ...recipe.pruning, structured: 0, unstructured: 0 } };
  const child = train(engine, { network: parent.network, parameters: parent.parameters, data, recipe: still, seed: 4 });
  for (const [layer, tensors] of Object.entries(parent.parameters)) if (tensors.weight) assert.deepEqual(child.parameters[layer], tensors);
});

test('rates and shares follow the recipe', () => {
  const rates = [0, 0.5, 1, 3.5, 6].map((time) => rateAt(recipe, time).learningRate);
  for (const [i, rate] of [0, 0.005, 0.01, 0.005, 0].entries()) assert.ok(Math.abs(rates[i] - rate) < 1e-12);
  assert.equal(rateAt({ ...recipe, schedule: 'constant' }, 5).learningRate, 0.01);
  assert.deepEqual(
    [0, 1.2, 3, 4.8, 6].map((time) => sparsityAt(recipe, time).toFixed(4)),
    ['0.0000', '0.0000', (0.7 * 0.875).toFixed(4), '0.7000', '0.7000'],
  );
  for (const epochs of [1, 2, 3, 6, 20]) {
    const shares = Array.from({ length: epochs }, (_, epoch) => channelShareAt({ ...recipe, epochs }, epoch));
    assert.equal(shares[epochs - 1], 0.5);
    assert.deepEqual(shares, [...shares].sort());
  }
});

for (const method of ['magnitude', 'feedback', 'variational', 'bayesian'] as const) {
  test(`pruning by ${method} leaves the shares of the recipe`, () => {
    const pruning = { method, structured: 0.5, unstructured: 0.6, from: 0.2, to: 0.6 };
    const run = () => train(engine, { network: layers, data, recipe: { ...recipe, pruning }, seed: 3 });
    const result = run();
    assert.equal(result.ended, 'finished');
    assert.deepEqual(result.network, withoutShare(layers, 0.5));
    const sparsity = sparsityOf(result.parameters);
    assert.ok(sparsity > 0.58 && (method === 'magnitude' || method === 'feedback' ? sparsity < 0.62 : sparsity < 1), `${sparsity}`);
    assert.deepEqual(run(), result);
  });
}

test('an engine without the method refuses', () => {
  const plain = {
    ...engine,
    open: (options: Parameters<typeof engine.open>[0]) => ({ ...engine.open({ ...options, form: undefined }), mask: undefined }),
  };
  const pruning = { method: 'feedback', structured: 0, unstructured: 0.5, from: 0, to: 0.5 } as const;
  assert.throws(() => train(plain, { network: layers, data, recipe: { ...recipe, pruning }, seed: 1 }), /cannot prune by that method/);
});

test('step and one-cycle schedules', () => {
  const at = (schedule: 'step' | 'oneCycle', time: number) => rateAt({ ...recipe, warmup: 0, schedule }, time).learningRate;
  assert.deepEqual(
    [0, 2.9, 3, 4.4, 4.5, 6].map((time) => at('step', time).toPrecision(3)),
    ['0.0100', '0.0100', '0.00100', '0.00100', '0.000100', '0.000100'],
  );
  assert.deepEqual(
    [0, 0.9, 1.8, 3.9, 6].map((time) => at('oneCycle', time).toPrecision(3)),
    ['0.00100', '0.00550', '0.0100', '0.00500', '0.00'],
  );
});

test('trained as quantised, the validation is that of the integer network', () => {
  for (const weightBits of [8, 4] as const) {
    const quantization = { from: 0.5 };
    const result = train(engine, { network: withBits(layers, weightBits), data, recipe: { ...recipe, quantization }, seed: 3 });
    assert.ok(result.network.layers.every(({ op }) => op !== 'batchNorm'));
    assert.ok(Math.abs(sparsityOf(result.parameters) - 0.7) < 0.03);
    const integers = quantize(result.network, result.parameters, encoding, result.ranges!);
    assert.equal(integerAccuracy(integers, data.validation), result.validation.accuracy);
  }
});

test('the optimiser goes on with its moments when a form ends, and when training turns to integers', () => {
  for (const method of ['feedback', 'variational', 'bayesian'] as const) {
    const opened: Parameters<typeof engine.open>[0][] = [];
    const watched = {
      ...engine,
      open(options: Parameters<typeof engine.open>[0]) {
        if (options.parameters === undefined || options.state) opened.push(options);
        return engine.open(options);
      },
    };
    const structured = method === 'variational' ? 0 : 0.3;
    const pruning = { method, structured, unstructured: 0.3, from: 0, to: 0.5 };
    const result = train(watched, { network: layers, data, recipe: { ...recipe, pruning, quantization: { from: 0.5 } }, seed: 3 });
    assert.equal(result.ended, 'finished');
    const [begin, pruned, ...quantized] = opened;
    assert.deepEqual([begin.form, begin.state, pruned.form], [method, undefined, undefined]);
    const steps = Math.ceil(data.train.count / 16);
    assert.deepEqual(
      [pruned.state!.steps, ...quantized.map(({ state }) => state!.steps)],
      [3, 3, 4, 5].map((epoch) => epoch * steps),
    );
    for (const { state } of [pruned, ...quantized]) assert.ok(anyMoment(state!.tensors.second));
  }
});

const anyMoment = (second: { readonly [layer: string]: { readonly [tensor: string]: Float32Array } }): boolean =>
  Object.values(second).some(({ weight }) => weight?.some((each) => each > 0));

test('a network of few bits that is stopped early is trained in them for an epoch', () => {
  for (const method of ['magnitude', 'feedback'] as const) {
    const stopped = train(engine, {
      network: withBits(layers, 'ternary'),
      data,
      recipe: { ...recipe, pruning: { ...recipe.pruning, method }, quantization: { from: 0 } },
      seed: 3,
      onEpoch: ({ epoch }) => (epoch === 2 ? 'stop' : undefined),
    });
    assert.deepEqual([stopped.ended, stopped.epochs], ['stopped', 2]);
    const integers = quantize(stopped.network, stopped.parameters, encoding, stopped.ranges!);
    assert.equal(integerAccuracy(integers, data.validation), stopped.validation.accuracy);
  }
});
