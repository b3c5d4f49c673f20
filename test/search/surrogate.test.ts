import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { decode } from '../../server/search/decode.ts';
import { createEncoder } from '../../server/search/gaussian/encode.ts';
import { createSurrogate, evenly } from '../../server/search/gaussian/surrogate.ts';
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
  const drawn: { genotype: Genotype; point: Float64Array }[] = [];
  while (drawn.length < count) {
    const genotype = randomGenotype(space, random);
    const network = decode(genotype.architecture, space.input, space.classes);
    if (typeof network === 'string') continue;
    drawn.push({ genotype, point: encoder.encode(genotype, cost(network, genotype.pruning)) });
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
  for (const { point } of draw(20, 2)) surrogate.tell({ point, value: 0.25 });
  const queries = draw(5, 3).map(({ point }) => point);
  for (const drawn of surrogate.draws(queries, evenly(20, 20), createRandom(1).normal, 3))
    for (const value of drawn) assert.ok(Math.abs(value - 0.25) < 1e-9, String(value));
});

test('draws of an error rank configurations that were never tried, the better the more is known; a subset loses little', () => {
  const told = draw(300, 4);
  const asked = draw(60, 5);
  const surrogate = createSurrogate(encoder.kinds, 1);
  for (const { point, genotype } of told) surrogate.tell({ point, value: hiddenError(genotype) });
  const truth = asked.map(({ genotype }) => hiddenError(genotype));
  const agreement = (used: number) => {
    const random = createRandom(9);
    const queries = asked.map(({ point }) => point);
    const draws = surrogate.draws(queries, evenly(300, used), random.normal, 8);
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
