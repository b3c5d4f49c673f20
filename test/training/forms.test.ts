import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import type { TrainingState, WeightForm } from '../../server/training/engine.ts';
import { decodeState, encodeState } from '../../server/training/file.ts';
import { createAdam } from '../../server/training/forms/adam.ts';
import { bayesian } from '../../server/training/forms/bayesian.ts';
import { divergenceSlope, logAlphaOf, logAlphaSlope } from '../../server/training/forms/divergence.ts';
import type { Form, Layout } from '../../server/training/forms/form.ts';
import { variational } from '../../server/training/forms/variational.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { anyParameters, encoding, network, randomSamples } from './networks.ts';

/** The approximation of the divergence from the log-uniform prior, up to a constant (Molchanov et al. 2017, equation 14); held beyond 8. */
function divergence(logAlpha: number): number {
  const held = Math.min(8, logAlpha);
  return 0.63576 - 0.63576 / (1 + Math.exp(-1.8732 - 1.48695 * held)) + 0.5 * Math.log1p(Math.exp(-held));
}

test('the approximated divergence is that of the integral, up to its constant', () => {
  // -KL = log alpha / 2 - E log |1 + sqrt(alpha) e| + c; c from where alpha is large and the divergence vanishes.
  const exact = (logAlpha: number) => {
    const root = Math.exp(logAlpha / 2);
    let mean = 0;
    for (let x = -8; x < 8; x += 0.0005) {
      const e = x + 0.00025;
      mean += Math.log(Math.abs(1 + root * e) + 1e-300) * Math.exp((-e * e) / 2) * 0.0005;
    }
    return mean / Math.sqrt(2 * Math.PI) - logAlpha / 2;
  };
  const constant = exact(8) - divergence(8);
  for (const logAlpha of [-6, -4, -2, -1, 0, 1, 2, 3, 5]) {
    const error = Math.abs(exact(logAlpha) - constant - divergence(logAlpha));
    assert.ok(error < 0.02, `off by ${error} at ${logAlpha}`);
  }
});

test('its slopes equal central differences', () => {
  for (let logAlpha = -9; logAlpha <= 9; logAlpha += 0.37) {
    const difference = (divergence(logAlpha + 1e-5) - divergence(logAlpha - 1e-5)) / 2e-5;
    assert.ok(Math.abs(divergenceSlope(logAlpha) - difference) < 1e-8);
  }
  for (const mean of [-2, -0.1, 1e-3, 0.7]) {
    const difference = (logAlphaOf(mean + 1e-7, 1) - logAlphaOf(mean - 1e-7, 1)) / 2e-7;
    assert.ok(Math.abs(logAlphaSlope(mean) - difference) < 1e-4 * Math.abs(difference));
  }
});

/** A linear model of 6 inputs in 3 pairs, of which the targets need the first pair and one input of the second. */
const SIZE = 6;
const SAMPLES = 40;
const TRUTH = [1.5, -0.8, 0.6, 0, 0, 0];
const random = createRandom(5);
const inputs = Array.from({ length: SAMPLES }, () => Array.from({ length: SIZE }, () => random.normal()));
const targets = inputs.map((x) => dot(x, TRUTH) + 0.2 * random.normal());
/** Precision of the likelihood: of errors of deviation 0.2. */
const PRECISION = 25;
const layout: Layout = {
  size: SIZE,
  layers: [{ name: 'linear', index: Int32Array.from({ length: SIZE }, (_, i) => i), groups: { count: 3, of: (i) => i >> 1 } }],
  keep: new Int32Array(SIZE).fill(-1),
};
const square = (x: number) => x * x;
const mean = (of: (x: number[], y: number) => number) => inputs.reduce((sum, x, n) => sum + of(x, targets[n]), 0) / SAMPLES;

test('sparse variational dropout of a linear model finds the optimum of its bound in closed form', () => {
  const form = variational(layout, createRandom(1));
  const learned = learn(form);
  // The expectation over the weights' noise, in closed form.
  const bound = (p: number[]) => {
    const [theta, logVariance] = [p.slice(0, SIZE), p.slice(SIZE)];
    const data = mean(
      (x, y) => (PRECISION / 2) * (square(dot(x, theta) - y) + x.reduce((s, each, i) => s + each * each * Math.exp(logVariance[i]), 0)),
    );
    return data + theta.reduce((sum, t, i) => sum + divergence(logAlphaOf(t, logVariance[i])), 0) / SAMPLES;
  };
  const best = minimum(bound, [...Array(SIZE).fill(0.5), ...Array(SIZE).fill(-5)]);
  const found = [...learned, ...form.tensors.logVariance];
  assert.ok(bound(found) < bound(best) + 0.02, `${bound(found)}, not ${bound(best)}`);
  const logAlpha = [...form.logAlpha!(learned)];
  for (let i = 0; i < SIZE; i++) {
    assert.equal(logAlpha[i] > 0, TRUTH[i] === 0, `weight ${i}: ${logAlpha[i]}`);
    if (TRUTH[i] === 0) continue;
    assert.ok(Math.abs(learned[i] - best[i]) < 0.03, `theta ${i} is ${learned[i]}, not ${best[i]}`);
    assert.ok(Math.abs(found[SIZE + i] - best[SIZE + i]) < 0.4, `log sigma^2 ${i} is ${found[SIZE + i]}, not ${best[SIZE + i]}`);
  }
});

test('Bayesian compression of a linear model finds the optimum of its bound in closed form', () => {
  const form = bayesian(layout, createRandom(1));
  const learned = learn(form);
  const bound = (p: number[]) => {
    const [m, logVariance, z, logSpread] = [p.slice(0, 6), p.slice(6, 12), p.slice(12, 15), p.slice(15)];
    const data = mean((x, y) => {
      let [centre, variance] = [0, 0];
      for (let g = 0; g < 3; g++) {
        const pair = [2 * g, 2 * g + 1];
        const sum = pair.reduce((s, i) => s + x[i] * m[i], 0);
        centre += z[g] * sum;
        variance += Math.exp(logSpread[g]) * sum * sum;
        for (const i of pair) variance += (z[g] * z[g] + Math.exp(logSpread[g])) * Math.exp(logVariance[i]) * x[i] * x[i];
      }
      return (PRECISION / 2) * (square(centre - y) + variance);
    });
    const scales = z.reduce((sum, each, g) => sum + divergence(logAlphaOf(each, logSpread[g])), 0);
    const weights = m.reduce((sum, each, i) => sum + (Math.exp(logVariance[i]) + each * each - 1 - logVariance[i]) / 2, 0);
    return data + (scales + weights) / SAMPLES;
  };
  const best = minimum(bound, [...Array(6).fill(0.5), ...Array(6).fill(-5), ...Array(3).fill(1), ...Array(3).fill(-5)]);
  const settled = new Float32Array(SIZE);
  form.settle(settled, learned);
  for (let i = 0; i < SIZE; i++) {
    const wanted = best[i] * best[12 + (i >> 1)];
    assert.ok(Math.abs(settled[i] - wanted) < 0.04, `weight ${i} is ${settled[i]}, not ${wanted}`);
  }
  const logAlpha = form.logAlpha!(learned);
  assert.ok(logAlpha[0] < -3 && logAlpha[1] === logAlpha[0] && logAlpha[2] < -2 && logAlpha[4] > 0, `${logAlpha}`);
});

test('a masked weight is moved by its gradient, and comes back when it has grown', () => {
  const layers = network([1, 1, 4], { op: 'dense', units: 3 });
  const session = createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 16, seed: 2, form: 'feedback' });
  const samples = randomSamples(layers.input, 64, 1);
  const before = session.state!().tensors.value.l0.weight;
  session.mask!(0.5);
  const zeros = () => [...session.read().l0.weight.keys()].filter((i) => session.read().l0.weight[i] === 0);
  const masked = zeros();
  assert.equal(masked.length, 6);
  for (let i = 0; i < 30; i++) session.trainEpoch(samples, () => ({ learningRate: 0.05, weightDecay: 0 }));
  const after = session.state!().tensors.value.l0.weight;
  for (const i of masked) assert.notEqual(after[i], before[i]);
  assert.equal(zeros().length, 6);
  session.mask!(0.5);
  const sizes = (indices: number[]) => indices.map((i) => Math.abs(after[i]));
  const rest = [...after.keys()].filter((i) => !zeros().includes(i));
  assert.ok(Math.max(...sizes(zeros())) <= Math.min(...sizes(rest)));
});

for (const form of ['variational', 'bayesian'] satisfies WeightForm[]) {
  test(`${form}: without noise worth the name a session learns as a plain one does`, () => {
    const layers = network([6, 6, 2], { op: 'conv2d', filters: 4 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: 3 });
    const samples = randomSamples(layers.input, 96, 1);
    const run = (options: { form?: WeightForm; dropout?: number }) => {
      const session = createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 32, seed: 2, ...options });
      const rate = { learningRate: 0.003, weightDecay: 0, divergence: 0 };
      return Array.from({ length: 8 }, () => session.trainEpoch(samples, () => rate)).map((loss) => loss);
    };
    const [plain, noisy] = [run({}), run({ form })];
    plain.forEach((loss, i) => {
      assert.ok(Math.abs(loss - noisy[i]) < 0.1 * loss, `${noisy}, not ${plain}`);
    });
    assert.deepEqual(run({ form }), noisy);
    const session = createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 32, seed: 2, form });
    const parameters = anyParameters(layers, 7);
    session.write(parameters);
    session.read().l0.weight.forEach((weight, i) => {
      const noise = weight === 0 && Math.abs(parameters.l0.weight[i]) < 0.01;
      assert.ok(noise || Math.abs(weight - parameters.l0.weight[i]) < 1e-6, 'what is written is read');
    });
    assert.notDeepEqual(run({ dropout: 0.5 }), plain);
    assert.deepEqual(run({ dropout: 0 }), plain);
  });
}

/** Learns the linear model from noisy draws, one for each step. */
function learn(form: Form): Float32Array {
  const learned = new Float32Array(SIZE).fill(0.5);
  const [weights, gradient] = [new Float32Array(SIZE), new Float32Array(SIZE)];
  const adam = createAdam(SIZE);
  const draws = createRandom(2);
  const steps = 12000;
  for (let n = 0; n < steps; n++) {
    form.draw(weights, learned, draws);
    gradient.fill(0);
    for (let s = 0; s < SAMPLES; s++) {
      const error = (PRECISION * (dot(inputs[s], [...weights]) - targets[s])) / SAMPLES;
      for (let i = 0; i < SIZE; i++) gradient[i] += error * inputs[s][i];
    }
    form.collect(gradient, learned);
    const learningRate = 0.01 * (1 - n / steps);
    form.finish(gradient, learned, { learningRate, weightDecay: 0, divergence: 1 }, SAMPLES);
    adam.step(learned, gradient, learningRate);
  }
  return learned;
}

/** By Adam on central differences in float64. */
function minimum(of: (p: number[]) => number, begin: number[]): number[] {
  const p = [...begin];
  const [first, second] = [p.map(() => 0), p.map(() => 0)];
  const steps = 4000;
  for (let n = 1; n <= steps; n++) {
    const slopes = p.map((each, i) => {
      const at = (value: number) => of(p.map((other, j) => (j === i ? value : other)));
      return (at(each + 1e-5) - at(each - 1e-5)) / 2e-5;
    });
    slopes.forEach((g, i) => {
      first[i] = 0.9 * first[i] + 0.1 * g;
      second[i] = 0.999 * second[i] + 0.001 * g * g;
      p[i] -= (0.02 * (1 - n / steps) * (first[i] / (1 - 0.9 ** n))) / (Math.sqrt(second[i] / (1 - 0.999 ** n)) + 1e-8);
    });
  }
  return p;
}

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, each, i) => sum + each * y[i], 0);
}

test('a masked channel is moved by its gradient, and comes back when it has grown past another', () => {
  const layers = network([1, 1, 4], { op: 'dense', units: 4 }, { op: 'relu' }, { op: 'dense', units: 3 });
  const parameters = anyParameters(layers, 4);
  parameters.l0.bias.fill(0.5);
  const session = createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 16, seed: 2, form: 'feedback', parameters });
  const samples = randomSamples(layers.input, 64, 1);
  const rows = (weight: Float32Array) => Array.from({ length: 4 }, (_, unit) => weight.subarray(4 * unit, 4 * unit + 4));
  const masked = () => rows(session.read().l0.weight).flatMap((row, unit) => (row.every((each) => each === 0) ? [unit] : []));
  session.mask!(0, [2]);
  const [before] = [masked()];
  assert.equal(before.length, 2);
  const start = rows(session.state!().tensors.value.l0.weight);
  session.trainEpoch(samples, () => ({ learningRate: 0.05, weightDecay: 0 }));
  const moved = rows(session.state!().tensors.value.l0.weight);
  for (const unit of before) assert.notDeepEqual(moved[unit], start[unit]);
  // Written larger than the others, they are the ones that stay.
  const learned = session.state!().tensors.value;
  for (const unit of before) for (let i = 0; i < 4; i++) learned.l0.weight[4 * unit + i] = 3;
  session.write(learned);
  session.mask!(0, [2]);
  assert.deepEqual(
    masked(),
    [0, 1, 2, 3].filter((unit) => !before.includes(unit)),
  );
});

test('Adam goes on from its moments as if it had not stopped', () => {
  const random = createRandom(6);
  const gradients = Array.from({ length: 12 }, () => Float32Array.from({ length: 5 }, () => random.normal()));
  const [whole, values] = [createAdam(5), new Float32Array(5)];
  for (const gradient of gradients) whole.step(values, gradient, 0.01);
  const [first, rest, parts] = [createAdam(5), createAdam(5), new Float32Array(5)];
  for (const gradient of gradients.slice(0, 7)) first.step(parts, gradient, 0.01);
  rest.first.set(first.first);
  rest.second.set(first.second);
  rest.resume(7);
  for (const gradient of gradients.slice(7)) rest.step(parts, gradient, 0.01);
  assert.deepEqual(parts, values);
});

for (const form of ['variational', 'bayesian', 'feedback'] satisfies WeightForm[]) {
  test(`${form}: a session goes on from its state, through a file`, () => {
    const layers = network([6, 6, 2], { op: 'conv2d', filters: 4 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: 3 });
    const samples = randomSamples(layers.input, 96, 1);
    const open = (state?: TrainingState) =>
      createEngine({ variant: 'simd' }).open({ network: layers, encoding, batch: 32, seed: 2, form, state });
    const session = open();
    session.mask?.(0.3);
    for (let i = 0; i < 3; i++) session.trainEpoch(samples, () => ({ learningRate: 0.01, weightDecay: 0 }));
    const state = decodeState(encodeState(session.state()));
    const again = open(state);
    assert.deepEqual(again.state(), session.state());
    assert.deepEqual(again.read(), session.read());
    assert.deepEqual(again.logAlpha?.(), session.logAlpha?.());
    assert.deepEqual(again.evaluate(samples), session.evaluate(samples));
  });
}
