import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { decode } from '../../server/search/decode.ts';
import { createEncoder } from '../../server/search/gaussian/encode.ts';
import { createSurrogate, evenly } from '../../server/search/gaussian/surrogate.ts';
import { fitTrend } from '../../server/search/gaussian/trend.ts';
import type { Genotype } from '../../server/search/genotype.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { defaultSpace } from '../../server/search/space.ts';
import { cost } from './cost.ts';
import { hiddenError } from './landscape.ts';
import { someGenotype } from './trials.ts';

const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
const encoder = createEncoder(space);

function draw(count: number, seed: number) {
  const random = createRandom(seed);
  const drawn: { genotype: Genotype; point: Float64Array; features: number[] }[] = [];
  while (drawn.length < count) {
    const genotype = randomGenotype(space, random);
    const network = decode(genotype.architecture, space.input, space.classes);
    if (typeof network === 'string') continue;
    const price = cost(network, genotype.pruning);
    drawn.push({ genotype, point: encoder.encode(genotype, price), features: [Math.log(price.macs + 1)] });
  }
  return drawn;
}

test('every genotype has the same dimensions, within 0..1 where active', () => {
  for (const { point } of draw(200, 1)) {
    assert.equal(point.length, encoder.kinds.of.length);
    for (const value of point) assert.ok(Number.isNaN(value) || (value >= 0 && value <= 1), String(value));
  }
});

test('a gene that is absent is not active; one that changes moves its own dimension', () => {
  const price = { ramBytes: 1, flashBytes: 1, size: 1, wm1: 1, wm2: 1, macs: 1 };
  const plain = encoder.encode(someGenotype, price);
  const { architecture } = someGenotype;
  const wider = { ...architecture.blocks[0], layers: [{ ...architecture.blocks[0].layers[0], filters: 9 }] };
  const changed = encoder.encode({ ...someGenotype, architecture: { ...architecture, blocks: [wider] } }, price);
  const moved = [...plain.keys()].filter((i) => !Object.is(plain[i], changed[i]));
  assert.equal(moved.length, 1);
  const deeper = encoder.encode({ ...someGenotype, architecture: { ...architecture, dense: [50] } }, price);
  const woken = [...plain.keys()].filter((i) => Number.isNaN(plain[i]) && !Number.isNaN(deeper[i]));
  assert.equal(woken.length, 1);
});

test('where all values are alike, so is every draw', () => {
  const surrogate = createSurrogate(encoder.kinds, 1);
  for (const told of draw(20, 2)) surrogate.tell({ ...told, value: 0.25 });
  const queries = draw(5, 3);
  for (const drawn of surrogate.draws(queries, evenly(20, 20), createRandom(1).normal, 3))
    for (const value of drawn) assert.ok(Math.abs(value - 0.25) < 1e-9, String(value));
});

test('a trend is what ridge regression makes of it, and foretells beyond what was told', () => {
  const random = createRandom(2);
  const features = Array.from({ length: 30 }, () => [random.uniform(3, 9), random.normal()]);
  const values = features.map(([a, b]) => 2 - 0.5 * a + 0.1 * b);
  const trend = fitTrend(features, values);
  // Gradient descent on the ridge's own loss, over standardised features.
  const scale = [0, 1].map((index) => {
    const column = features.map((each) => each[index]);
    const mean = column.reduce((sum, value) => sum + value, 0) / 30;
    return { mean, deviation: Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 30) };
  });
  const z = features.map((each) => each.map((value, index) => (value - scale[index].mean) / scale[index].deviation));
  const mean = values.reduce((sum, value) => sum + value, 0) / 30;
  const slopes = [0, 0];
  for (let step = 0; step < 4000; step++)
    for (const index of [0, 1]) {
      const gradient = z.reduce(
        (sum, each, row) => sum + each[index] * (each[0] * slopes[0] + each[1] * slopes[1] + mean - values[row]),
        3 * slopes[index],
      );
      slopes[index] -= gradient / 60;
    }
  for (const probe of [features[0], [12, 0], [1, -3]]) {
    const expected =
      mean + [0, 1].reduce((sum, index) => sum + (slopes[index] * (probe[index] - scale[index].mean)) / scale[index].deviation, 0);
    assert.ok(Math.abs(trend(probe) - expected) < 1e-9, `${trend(probe)} is not ${expected}`);
  }
  assert.equal(fitTrend([[], []], [1, 3])([]), 2);
  assert.equal(fitTrend([[4], [4]], [1, 3])([4]), 2);
});

test('draws of an error rank configurations that were never tried, the better the more is known; a subset loses little', () => {
  const told = draw(300, 4);
  const asked = draw(60, 5);
  const surrogate = createSurrogate(encoder.kinds, 1);
  for (const each of told) surrogate.tell({ ...each, value: hiddenError(each.genotype) });
  const truth = asked.map(({ genotype }) => hiddenError(genotype));
  const agreement = (used: number) => {
    const random = createRandom(9);
    const draws = surrogate.draws(asked, evenly(300, used), random.normal, 8);
    return correlation(ranks(asked.map((_, i) => draws.reduce((sum, each) => sum + each[i], 0))), ranks(truth));
  };
  const [few, some, all] = [agreement(20), agreement(150), agreement(300)];
  assert.ok(all > 0.7 && all > few && some > all - 0.15, `${few}, ${some}, ${all}`);
});

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  return values.map((_, i) => order.indexOf(i));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (a.length - 1) / 2;
  const product = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + (value - mean) * (y[i] - mean), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
