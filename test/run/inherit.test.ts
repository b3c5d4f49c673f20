import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Layer, Network, Parameters } from '../../server/network/network.ts';
import { createRandom } from '../../server/random.ts';
import { writeCandidate } from '../../server/run/candidate.ts';
import { inherit } from '../../server/run/inherit.ts';
import { priceBeforeTraining } from '../../server/run/price.ts';
import { recipeOf } from '../../server/run/setting.ts';
import { prepare } from '../../server/run/task.ts';
import { decode } from '../../server/search/decode.ts';
import type { Genotype } from '../../server/search/genotype.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import type { Spec } from '../../server/spec/spec.ts';
import { initialParameters } from '../../server/training/initial.ts';
import { withoutShare } from '../../server/training/prune/shape.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { someGenotype } from '../search/trials.ts';
import { randomSamples } from '../training/networks.ts';

const input = { height: 6, width: 6, channels: 1 };
const net = (filters: number, kernel: number, extra: Layer[] = []): Network => ({
  input,
  layers: [
    { op: 'conv2d', name: 'conv', inputs: ['input'], filters, kernel: [kernel, kernel], stride: [1, 1], padding: 'same' },
    { op: 'flatten', name: 'flat', inputs: [extra.at(-1)?.name ?? 'conv'] },
    { op: 'dense', name: 'logits', inputs: ['flat'], units: 3 },
  ].toSpliced(1, 0, ...(extra as never[])) as Layer[],
});

/** Every weight says where it stands, none of them 0. */
const numbered = (network: Network): Parameters =>
  Object.fromEntries(
    Object.entries(initialParameters(network, createRandom(1))).map(([layer, tensors], i) => [
      layer,
      Object.fromEntries(Object.entries(tensors).map(([name, values], j) => [name, values.map((_, k) => 1 + k + 1000 * j + 10_000 * i)])),
    ]),
  );

test('the same network inherits everything, zeros too', () => {
  const network = net(4, 3);
  const parameters = numbered(network);
  parameters.conv.weight[5] = 0;
  const found = inherit(network, { network, parameters }, 1);
  assert.deepEqual(found, { parameters, share: 1 });
});

test('what both have is the parent’s, kernels from their middles; the rest is drawn', () => {
  const [parent, child] = [net(4, 3), net(6, 5)];
  const parameters = numbered(parent);
  const { parameters: begun, share } = inherit(child, { network: parent, parameters }, 1);
  const drawn = initialParameters(child, createRandom(1));
  for (let filter = 0; filter < 6; filter++)
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 5; x++) {
        const at = (filter * 5 + y) * 5 + x;
        const inside = filter < 4 && y >= 1 && y < 4 && x >= 1 && x < 4;
        assert.equal(begun.conv.weight[at], inside ? parameters.conv.weight[(filter * 3 + y - 1) * 3 + x - 1] : drawn.conv.weight[at]);
      }
  for (let unit = 0; unit < 3; unit++)
    for (let pixel = 0; pixel < 36; pixel++)
      for (let channel = 0; channel < 6; channel++) {
        const at = (unit * 36 + pixel) * 6 + channel;
        const expected = channel < 4 ? parameters.logits.weight[(unit * 36 + pixel) * 4 + channel] : drawn.logits.weight[at];
        assert.equal(begun.logits.weight[at], expected);
      }
  assert.equal(share, (4 * 9 + 4 + 3 * 36 * 4 + 3) / (6 * 25 + 6 + 3 * 36 * 6 + 3));
});

test('the middle of a kernel is where padding puts a pixel: with all else zero, a map is what it was', () => {
  const engine = createEngine({ variant: 'simd' });
  const samples = randomSamples(input, 4, 1);
  const logits = (network: Network, parameters: Parameters) =>
    engine.open({ network, encoding: { zeroPoint: 0, deviation: 1 }, batch: 4, seed: 1, parameters }).predict(samples);
  for (let from = 1; from <= 6; from++)
    for (let to = from; to <= 6; to++) {
      const [parent, child] = [net(2, from), net(2, to)];
      const parameters = initialParameters(parent, createRandom(10 + from));
      const { parameters: begun } = inherit(child, { network: parent, parameters }, 1);
      const bare = initialParameters(child, createRandom(1)).conv.weight;
      begun.conv.weight.forEach((value, i) => {
        if (value === bare[i]) begun.conv.weight[i] = 0;
      });
      logits(child, begun).forEach((value, i) => {
        assert.ok(Math.abs(value - logits(parent, parameters)[i]) < 1e-4 * (1 + Math.abs(value)), `${from} to ${to}`);
      });
    }
});

test('a child with fewer channels gets the strongest of its parent’s, and what reads them', () => {
  const [parent, child] = [net(4, 3), net(2, 3)];
  const parameters = numbered(parent);
  for (const [filter, size] of [1e-3, 5, 1e-2, 7].entries()) parameters.conv.weight.fill(size, filter * 9, filter * 9 + 9);
  const { parameters: begun, share } = inherit(child, { network: parent, parameters }, 1);
  assert.equal(share, 1);
  assert.deepEqual([...begun.conv.weight], [...Array(9).fill(5), ...Array(9).fill(7)]);
  const read = parameters.logits.weight.filter((_, i) => i % 4 === 1 || i % 4 === 3);
  assert.deepEqual(begun.logits.weight, read);
});

test('nothing is inherited where a layer reads a map of another resolution', () => {
  const pooled = (size: number): Network =>
    net(4, 3, [{ op: 'maxPool', name: 'pool', inputs: ['conv'], kernel: [size, size], stride: [size, size], padding: 'valid' }]);
  const parameters = numbered(pooled(2));
  const { parameters: begun, share } = inherit(pooled(3), { network: pooled(2), parameters }, 1);
  assert.deepEqual([begun, share], [initialParameters(pooled(3), createRandom(1)), 0]);
  assert.equal(inherit(pooled(2), { network: pooled(2), parameters }, 1).share, 1);
});

test('layers that only one of the two has are drawn, or left behind', () => {
  const added = net(4, 3, [{ op: 'conv2d', name: 'more', inputs: ['conv'], filters: 2, kernel: [1, 1], stride: [1, 1], padding: 'valid' }]);
  const plain = net(4, 3);
  const down = inherit(added, { network: plain, parameters: numbered(plain) }, 3);
  assert.deepEqual(down.parameters.more, initialParameters(added, createRandom(3)).more);
  assert.deepEqual(down.parameters.conv, numbered(plain).conv);
  const up = inherit(plain, { network: added, parameters: numbered(added) }, 3);
  assert.deepEqual(Object.keys(up.parameters).sort(), ['conv', 'logits']);
});

const root = mkdtempSync(join(tmpdir(), 'sparse-inherit-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const { spec: parsed } = parseSpec(
  'name: a\ndata: { train: { samples: x.npy, labels: y.npy } }\ntarget: { chip: atmega328p }\ntraining: { epochs: 6, batch: 16 }\n',
);
const specOf = (strategy: string): Spec => ({
  ...parsed!,
  search: { ...parsed!.search, strategy: strategy as Spec['search']['strategy'] },
});

test('a child of sparse goes on from its parent with the channels it is to have; the journal says so', () => {
  const genotype: Genotype = { ...someGenotype, pruning: { structured: 0.5, unstructured: 0.3 } };
  const network = decode(genotype.architecture, input, 3) as Network;
  const trained = withoutShare(network, 0.5);
  const parameters = numbered(trained);
  const ranges = new Map(trained.layers.map(({ name }) => [name, { min: 0, max: 1 }]));
  writeCandidate(root, {
    id: 4,
    network: trained,
    parameters,
    encoding: { zeroPoint: 0, deviation: 1 },
    ranges,
    classes: ['a', 'b', 'c'],
    accuracy: 1,
  });
  const price = priceBeforeTraining(parsed!.target.device, network, genotype.pruning);
  const child = { id: 5, network, genotype, price, parent: 4 };

  const { task, measures } = prepare(root, specOf('sparse'), child, []);
  assert.deepEqual(task.network, trained);
  assert.deepEqual(task.parameters, parameters);
  assert.deepEqual([task.recipe.epochs, task.recipe.pruning.structured, task.recipe.pruning.unstructured], [6, 0, 0.3]);
  assert.deepEqual(measures, { inheritedFrom: 4, inheritedShare: 1 });

  for (const [spec, each] of [
    [specOf('evolution'), child],
    [specOf('sparse'), { ...child, parent: undefined }],
    [specOf('sparse'), { ...child, parent: 99 }],
  ] as const) {
    const full = prepare(root, spec, each, []);
    const { halving, ...rest } = full.task;
    assert.deepEqual(rest, { network, recipe: recipeOf(spec, child), seed: task.seed });
    assert.deepEqual(
      halving?.rungs.map(({ epoch }) => epoch),
      [2, 3],
    );
    assert.deepEqual(full.measures, {});
  }
});
