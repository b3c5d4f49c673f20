import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { embed, type Kinds, kindDistances, type Point, squaredDistance } from '../../server/search/gaussian/arc.ts';
import { factor, inverse } from '../../server/search/gaussian/factor.ts';
import { fitHyper, likelihoodOf, withPrior } from '../../server/search/gaussian/fit.ts';
import { condition, type Hyper } from '../../server/search/gaussian/process.ts';

type Row = (number | null)[];
type Golden = {
  kinds: number[];
  cases: {
    hyper: Hyper;
    points: Row[];
    values: number[];
    queries: Row[];
    mean: number[];
    variance: number[];
    logLikelihood: number;
    gradient: number[];
    normals: number[][];
    draws: number[][];
  }[];
};

/** Made by the script of the same name with NumPy, from the formulas alone. */
const golden: Golden = JSON.parse(readFileSync(new URL('golden/gaussian.json', import.meta.url), 'utf8'));
const kinds: Kinds = { count: 4, of: golden.kinds };

const pointOf = (row: Row): Point => Float64Array.from(row, (value) => value ?? Number.NaN);
const near = (actual: number, expected: number, tolerance = 1e-7) =>
  assert.ok(Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)), `${actual} is not ${expected}`);

for (const each of golden.cases) {
  const points = each.points.map(pointOf);
  const queries = each.queries.map(pointOf);
  const values = Float64Array.from(each.values);
  const { hyper } = each;

  test(`${points.length} points: mean, variance, likelihood and draws are those of NumPy`, () => {
    const process = condition(points, values, kinds, hyper);
    queries.forEach((query, i) => {
      near(process.mean(query), each.mean[i]);
      near(process.variance(query), each.variance[i]);
    });
    near(process.logLikelihood, each.logLikelihood);
    const queue = each.normals.flat();
    const drawn = process.draws(queries, () => queue.shift()!, each.normals.length);
    assert.equal(queue.length, 0);
    drawn.forEach((values, i) => {
      values.forEach((value, j) => {
        near(value, each.draws[i][j], 1e-6);
      });
    });
  });

  test(`${points.length} points: the likelihood's gradient is that of central differences`, () => {
    const logs = Float64Array.from([hyper.signal, hyper.noise, ...hyper.weights], Math.log);
    const at = likelihoodOf({ points, values, kinds }, hyper.turn)(logs);
    near(at.likelihood, each.logLikelihood);
    at.gradient.forEach((slope, i) => {
      near(slope, each.gradient[i], 1e-5);
    });
  });

  test(`${points.length} points: the kinds' distances add up to the embedding's`, () => {
    const into = new Float64Array(kinds.count);
    for (const a of points)
      for (const b of queries) {
        kindDistances(a, b, kinds, hyper.turn, into);
        const sum = into.reduce((total, distance, kind) => total + hyper.weights[kind] * distance, 0);
        near(squaredDistance(embed(a, kinds, hyper), embed(b, kinds, hyper)), sum, 1e-12);
      }
  });
}

test('a dimension that only one of two points has sets them apart, whatever its value', () => {
  const into = new Float64Array(1);
  const one: Kinds = { count: 1, of: [0] };
  const apart = (a: number, b: number): number => {
    kindDistances(Float64Array.of(a), Float64Array.of(b), one, 0.5, into);
    return into[0];
  };
  assert.deepEqual([apart(0.1, Number.NaN), apart(Number.NaN, 0.9), apart(Number.NaN, Number.NaN), apart(0.4, 0.4)], [1, 1, 0, 0]);
});

test('the inverse is one, and a matrix that is singular by a hair is factored all the same', () => {
  const size = 12;
  const random = createRandom(1);
  const rows = Array.from({ length: size }, () => Array.from({ length: 5 }, () => random.normal()));
  const values = Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return rows[i].reduce((sum, value, k) => sum + value * rows[j][k], 0) + (i === j ? 0.5 : 0);
  });
  const inverted = inverse(factor({ size, values }));
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += values[i * size + k] * inverted[k * size + j];
      near(sum, i === j ? 1 : 0, 1e-9);
    }
  const same = factor({ size: 3, values: new Float64Array(9).fill(2) });
  assert.ok(Number.isFinite(same.logDeterminant));
  assert.throws(() => factor({ size: 1, values: Float64Array.of(-1) }), /not positive definite/);
});

test('a fit repeats with its seed, climbs, and tells the dimension that matters from those that do not', () => {
  const random = createRandom(5);
  const three: Kinds = { count: 3, of: [0, 1, 2] };
  const points = Array.from({ length: 60 }, () => Float64Array.from({ length: 3 }, () => random.next()));
  const values = Float64Array.from(points, ([x]) => 1.4 * Math.sin(5 * x) + 0.05 * random.normal());
  const sample = { points, values, kinds: three };
  const hyper = fitHyper(sample, createRandom(1));
  assert.deepEqual(fitHyper(sample, createRandom(1)), hyper);
  assert.ok(hyper.weights[0] > 10 * Math.max(hyper.weights[1], hyper.weights[2]), JSON.stringify(hyper));
  const start = condition(points, values, three, { signal: 1, noise: 0.05, weights: [1 / 3, 1 / 3, 1 / 3], turn: 0.5 });
  const fitted = condition(points, values, three, hyper);
  assert.ok(fitted.logLikelihood > start.logLikelihood + 10);
  for (const x of [0.15, 0.5, 0.85]) {
    const query = Float64Array.of(x, 0.5, 0.5);
    const error = Math.abs(fitted.mean(query) - 1.4 * Math.sin(5 * x));
    assert.ok(error < 0.15 && error < 4 * Math.sqrt(fitted.variance(query)) + 0.05, `${error} at ${x}`);
  }
});

test('a prior keeps a few values from making hyper-parameters certain, and its gradient is that of central differences', () => {
  const random = createRandom(11);
  const kinds: Kinds = { count: 12, of: Array.from({ length: 12 }, (_, i) => i) };
  const points = Array.from({ length: 12 }, () => Float64Array.from({ length: 12 }, () => random.next()));
  const values = Float64Array.from(points, () => random.normal());
  const posterior = withPrior(likelihoodOf({ points, values, kinds }, 0.5), kinds);
  const logs = Float64Array.from({ length: 14 }, () => random.uniform(-2, 0));
  posterior(logs).gradient.forEach((slope, i) => {
    const at = (shift: number) => posterior(logs.with(i, logs[i] + shift)).likelihood;
    near(slope, (at(1e-5) - at(-1e-5)) / 2e-5, 1e-5);
  });
  const hyper = fitHyper({ points, values, kinds }, createRandom(1));
  assert.ok(hyper.noise > 0.02, 'noise is not taken for structure');
});
