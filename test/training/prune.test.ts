import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork, parameterCount } from '../../server/network/check.ts';
import type { Network, Parameters } from '../../server/network/network.ts';
import { createRandom } from '../../server/random.ts';
import { removeChannels, withoutChannels } from '../../server/training/prune/channels.ts';
import { foldConstants } from '../../server/training/prune/constant.ts';
import { maskOf } from '../../server/training/prune/mask.ts';
import { channelsLeft, withoutShare } from '../../server/training/prune/shape.ts';
import { type Trace, traceChannels } from '../../server/training/prune/trace.ts';
import { pruneWeights } from '../../server/training/prune/weights.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomNetwork, randomSamples } from './networks.ts';
import { sparsityOf } from './tensors.ts';

const networks = Array.from({ length: 40 }, (_, seed) => randomNetwork(seed));

test('removing channels that are zero leaves the logits as they are', () => {
  for (const [seed, each] of networks.entries()) {
    const random = createRandom(seed);
    const trace = traceChannels(each);
    const dead = new Set(trace.groups.flatMap((group) => group.slice(1).filter(() => random.next() < 0.4)));
    const parameters = withZeroChannels(each, anyParameters(each, seed), trace, dead);
    const left = trace.groups.map((group) => group.filter((channel) => !dead.has(channel)).length);
    const before = logits(each, parameters);
    for (const smaller of [withoutChannels(each, parameters, trace, dead), removeChannels(each, parameters, left)]) {
      assert.deepEqual(checkNetwork(smaller.network).faults, []);
      assert.ok(dead.size === 0 || parameterCount(smaller.network) < parameterCount(each));
      logits(smaller.network, smaller.parameters).forEach((logit, i) => {
        assert.ok(
          Math.abs(logit - before[i]) < 1e-4 * (1 + Math.abs(before[i])),
          `logit ${i} of network ${seed} is ${logit}, not ${before[i]}`,
        );
      });
    }
  }
});

test('of channels whose weights are all masked, what they give is folded on: exactly, but for padded borders', () => {
  const valid = { padding: 'valid' } as const;
  const whole = [
    network(
      [9, 9, 2],
      { op: 'conv2d', filters: 6, ...valid },
      { op: 'batchNorm' },
      { op: 'relu', max: 0.8 },
      { op: 'maxPool', kernel: [2, 2], stride: [2, 2], ...valid },
      { op: 'conv2d', filters: 5, kernel: [2, 3], ...valid },
      { op: 'relu' },
      { op: 'flatten' },
      { op: 'dense', units: 6 },
      { op: 'relu' },
      { op: 'dense', units: CLASSES },
    ),
    network(
      [8, 7, 1],
      { op: 'conv2d', filters: 5, ...valid },
      { op: 'depthwise', ...valid },
      { op: 'relu' },
      { op: 'averagePool', kernel: [2, 2], ...valid },
      { op: 'conv2d', filters: 4, kernel: [1, 1] },
      { op: 'globalAveragePool' },
      { op: 'dense', units: CLASSES },
    ),
    network(
      [7, 7, 2],
      { op: 'conv2d', filters: 5, ...valid, name: 'a' },
      { op: 'conv2d', filters: 5, ...valid, inputs: ['input'], name: 'b' },
      { op: 'add', inputs: ['a', 'b'] },
      { op: 'relu', name: 'c' },
      { op: 'conv2d', filters: 4, kernel: [1, 1], name: 'd' },
      { op: 'concat', inputs: ['c', 'd'] },
      { op: 'globalMaxPool' },
      { op: 'dense', units: CLASSES },
    ),
  ];
  let [folded, lost] = [0, 0];
  for (const [index, each] of [...whole, ...networks].entries()) {
    const random = createRandom(index);
    const trace = traceChannels(each);
    const dead = new Set(trace.groups.flatMap((group) => group.slice(1).filter(() => random.next() < 0.4)));
    const parameters = withSilentChannels(each, anyParameters(each, index), trace, dead);
    const before = logits(each, parameters);
    const distance = (from: Parameters) => {
      const smaller = withoutChannels(each, from, trace, dead);
      return Math.max(...logits(smaller.network, smaller.parameters).map((logit, i) => Math.abs(logit - before[i])));
    };
    const [error, without] = [distance(foldConstants(each, parameters, trace, dead)), distance(parameters)];
    if (index >= whole.length) [folded, lost] = [folded + error, lost + without];
    else assert.ok(error < 1e-5 && without > 0.01, `${error} of ${without}: ${JSON.stringify(each)}`);
  }
  assert.ok(folded < 0.5 * lost, `${folded} of ${lost}`);
});

test('the shape after pruning is known before', () => {
  for (const [seed, each] of networks.entries()) {
    for (const share of [0, 0.3, 0.75, 1]) {
      const pruned = removeChannels(each, anyParameters(each, seed), channelsLeft(each, share));
      assert.deepEqual(pruned.network, withoutShare(each, share));
      assert.equal(
        pruned.network.layers.every((layer) => layer.op !== 'conv2d' || layer.filters > 0),
        true,
      );
    }
    assert.deepEqual(withoutShare(each, 0), each);
  }
});

test('the largest channels stay, as batch norm scales them', () => {
  const layers = network(
    [4, 4, 1],
    { op: 'conv2d', filters: 3, kernel: [1, 1] },
    { op: 'batchNorm' },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  );
  const parameters = anyParameters(layers, 1);
  parameters.l0.weight.set([1, 2, 3]);
  parameters.l1.gamma.set([9, 1, 2]);
  parameters.l1.variance.set([1, 1, 1]);
  const kept = removeChannels(layers, parameters, [2]);
  assert.deepEqual([...kept.parameters.l0.weight], [1, 3]);
  parameters.l1.variance.set([1e6, 1, 1]);
  assert.deepEqual([...removeChannels(layers, parameters, [2]).parameters.l0.weight], [2, 3]);
});

test('what the network gives out, and what is added to its input, stays whole', () => {
  const residual = network(
    [4, 4, 2],
    { op: 'conv2d', filters: 2, name: 'tied' },
    { op: 'add', inputs: ['input', 'tied'] },
    { op: 'conv2d', filters: 4, name: 'free' },
    { op: 'conv2d', filters: CLASSES, name: 'last' },
    { op: 'globalAveragePool' },
  );
  const filters = withoutShare(residual, 0.99).layers.map((layer) => ('filters' in layer ? layer.filters : undefined));
  assert.deepEqual(filters, [2, undefined, 1, CLASSES, undefined]);
});

test('the smallest weights are pruned to the sparsity asked for', () => {
  for (const [seed, each] of networks.entries()) {
    const parameters = anyParameters(each, seed);
    for (const scope of ['global', 'adaptive'] as const) {
      const pruned = pruneWeights(each, parameters, 0.6, scope);
      const weights = Object.values(parameters).filter(({ weight }) => weight !== undefined).length;
      const total = Object.values(parameters).reduce((sum, { weight }) => sum + (weight?.length ?? 0), 0);
      assert.ok(Math.abs(sparsityOf(pruned) - 0.6) <= (weights + 1) / total, `${sparsityOf(pruned)}`);
      const sizes = (zero: boolean) =>
        Object.entries(pruned).flatMap(([layer, { weight }]) =>
          weight ? [...weight.keys()].filter((i) => (weight[i] === 0) === zero).map((i) => Math.abs(parameters[layer].weight[i])) : [],
        );
      if (scope === 'global') assert.ok(Math.max(...sizes(true)) <= quantile(sizes(false), weights));
      for (const [layer, tensors] of Object.entries(pruned)) {
        assert.ok(!tensors.weight || tensors.weight.some((weight) => weight !== 0));
        for (const tensor of Object.keys(tensors)) if (tensor !== 'weight') assert.deepEqual(tensors[tensor], parameters[layer][tensor]);
      }
      assert.deepEqual(pruneWeights(each, pruned, 0.6, scope), pruned);
    }
    assert.deepEqual(pruneWeights(each, parameters, 0), parameters);
  }
});

test('of weights that are adapted to their layer those with the least scores go, whatever scale a layer has', () => {
  for (const [seed, each] of networks.entries()) {
    const parameters = anyParameters(each, seed);
    const tensors = Object.entries(parameters).flatMap(([layer, { weight }]) => (weight ? [[layer, weight] as const] : []));
    // The definition, with its sums made anew for every weight.
    const score = (weight: Float32Array, i: number) =>
      weight[i] ** 2 / weight.reduce((sum, other) => sum + (Math.abs(other) >= Math.abs(weight[i]) ? other ** 2 : 0), 0);
    const pruned = pruneWeights(each, parameters, 0.5);
    const scores = (zero: boolean) =>
      tensors.flatMap(([layer, weight]) =>
        [...weight.keys()].filter((i) => weight[i] !== 0 && (pruned[layer].weight[i] === 0) === zero).map((i) => score(weight, i)),
      );
    const ties = 1e-9;
    assert.ok(Math.max(0, ...scores(true)) <= Math.min(...scores(false)) + ties, `network ${seed}`);
    const scaled = Object.fromEntries(
      Object.entries(parameters).map(([layer, tensors], i) => [
        layer,
        tensors.weight ? { ...tensors, weight: tensors.weight.map((value) => value * 2 ** (i - 3)) } : tensors,
      ]),
    );
    const zeros = (of: Parameters) => tensors.map(([layer]) => Array.from(of[layer].weight, (value) => value === 0));
    assert.deepEqual(zeros(pruneWeights(each, scaled, 0.5)), zeros(pruned));
  }
});

/** The smallest but for the largest weight of each layer, which is spared. */
const quantile = (sizes: number[], spared: number): number => sizes.sort((a, b) => a - b)[Math.min(spared, sizes.length - 1)];

function withZeroChannels(of: Network, parameters: Parameters, trace: Trace, dead: ReadonlySet<number>): Parameters {
  const silent = withSilentChannels(of, parameters, trace, dead);
  for (const layer of of.layers) {
    trace.channels.get(layer.name)!.forEach((channel, index) => {
      for (const tensor of ['bias', 'gamma', 'beta'])
        if (dead.has(channel) && silent[layer.name]?.[tensor]) silent[layer.name][tensor][index] = 0;
    });
  }
  return silent;
}

/** Without the weights that make those channels. */
function withSilentChannels(of: Network, parameters: Parameters, trace: Trace, dead: ReadonlySet<number>): Parameters {
  for (const layer of of.layers) {
    const tensors = parameters[layer.name];
    if (!tensors) continue;
    trace.channels.get(layer.name)!.forEach((channel, index, all) => {
      if (!dead.has(channel) || (layer.op !== 'conv2d' && layer.op !== 'dense')) return;
      const length = tensors.weight.length / all.length;
      tensors.weight.fill(0, index * length, (index + 1) * length);
    });
  }
  return parameters;
}

function logits(of: Network, parameters: Parameters): Float32Array {
  const session = createEngine({ variant: 'simd' }).open({ network: of, encoding, batch: 16, seed: 1, parameters });
  return session.predict(randomSamples(of.input, 6, 4));
}

test('masks leave so many channels of each group, and of the weights left with them the share', () => {
  for (const [seed, each] of networks.entries()) {
    const parameters = anyParameters(each, seed);
    const left = channelsLeft(each, 0.5);
    const mask = maskOf(each, parameters, 0.4, left);
    const masked = Object.fromEntries(
      Object.entries(parameters).map(([layer, tensors]) => [
        layer,
        tensors.weight ? { ...tensors, weight: tensors.weight.map((value, i) => value * mask[layer].weight[i]) } : tensors,
      ]),
    );
    // The channels that are gone are those whose makers are masked, and those that went by their norms.
    const { network: smaller, parameters: rest } = removeChannels(each, masked, left);
    assert.deepEqual(smaller, removeChannels(each, parameters, left).network);
    const kept = removeChannels(each, parameters, left).parameters;
    const weights = smaller.layers.filter(({ name }) => rest[name]?.weight);
    const total = weights.reduce((sum, { name }) => sum + rest[name].weight.length, 0);
    assert.ok(Math.abs(sparsityOf(rest) - 0.4) <= (weights.length + 1) / total, `network ${seed}: ${sparsityOf(rest)}`);
    for (const { name } of weights)
      rest[name].weight.forEach((value, i) => {
        assert.ok(value === 0 || value === kept[name].weight[i], `${name}[${i}] of network ${seed}`);
      });
  }
});

test('without channels a mask is that of the smallest weights', () => {
  for (const [seed, each] of networks.entries()) {
    const parameters = anyParameters(each, seed);
    const pruned = pruneWeights(each, parameters, 0.6);
    for (const [layer, { weight }] of Object.entries(maskOf(each, parameters, 0.6)))
      assert.deepEqual(
        [...weight],
        Array.from(pruned[layer].weight, (value) => Number(value !== 0)),
      );
  }
});
