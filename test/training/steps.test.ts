import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBits } from '../../server/network/bits.ts';
import type { Network, Parameters, WeightBits } from '../../server/network/network.ts';
import { elements } from '../../server/network/shape.ts';
import { ACTIVATION_LEVELS, WEIGHT_LEVELS } from '../../server/quantize/arithmetic.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { quantize, type Ranges } from '../../server/quantize/quantize.ts';
import { decodeState, encodeState } from '../../server/training/file.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomSamples } from './networks.ts';

const COUNT = 20;
const plain = network([3, 3, 1], { op: 'dense', units: 5 }, { op: 'relu' }, { op: 'dense', units: CLASSES });
const samples = randomSamples(plain.input, COUNT, 6);
const indices = Uint32Array.from({ length: COUNT }, (_, i) => i);
const engine = createEngine({ variant: 'simd' });

/** The logarithms of the scales: of the hidden layer's weights, of its activations, of the last layer's weights. */
type Logs = { readonly hidden: Float64Array; readonly activation: Float64Array; readonly last: Float64Array };

/**
 * The loss in float64 as a function of the scales, every rounding replaced by what it added where the network stands (its straight-through
 * surrogate): scale * clamp(real / scale + error). Its differences are the gradient that is meant.
 */
function surrogate(of: Network, parameters: Parameters, at: QuantizedNetwork, here: Logs): (logs: Logs) => number {
  const [first, second] = at.stages;
  const [low, high] = WEIGHT_LEVELS[first.bits ?? 8];
  const top = ACTIVATION_LEVELS[of.arithmetic?.activationBits ?? 8][1];
  const held = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
  const rounded = (real: number, scale: number, begin: number, least: number, most: number) => {
    const stand = real / begin;
    const error = Math.floor(stand + 0.5) - stand;
    if (stand <= least || stand >= most) return scale * held(stand, least, most);
    return scale * (real / scale + error);
  };
  const weights = (layer: 'l0' | 'l2', unit: number, inputs: number, logs: Float64Array, begin: Float64Array): Float64Array => {
    const which = logs.length === 1 ? 0 : unit;
    return Float64Array.from(parameters[layer].weight.subarray(unit * inputs, (unit + 1) * inputs), (real) =>
      rounded(real, Math.exp(logs[which]), Math.exp(begin[which]), low, high),
    );
  };
  return (logs) => {
    const size = elements(of.input);
    let loss = 0;
    for (let n = 0; n < COUNT; n++) {
      const x = Array.from(samples.x.subarray(n * size, (n + 1) * size), (byte) => (byte - encoding.zeroPoint) / encoding.deviation);
      const hidden = Array.from({ length: 5 }, (_, unit) => {
        const w = weights('l0', unit, size, logs.hidden, here.hidden);
        const bias = (first.weights!.bias[unit] * Math.exp(here.hidden[unit])) / encoding.deviation;
        // Where the network stands, sums are of the weights as they are there.
        const stand = weights('l0', unit, size, here.hidden, here.hidden).reduce((sum, each, i) => sum + each * x[i], bias);
        const sum = w.reduce((all, each, i) => all + each * x[i], bias);
        const [begin, scale] = [Math.exp(here.activation[0]), Math.exp(logs.activation[0])];
        if (stand <= 0 || stand >= top * begin) return scale * held(stand / begin, 0, top);
        return scale * (sum / scale + Math.floor(stand / begin + 0.5) - stand / begin);
      });
      const logits = Array.from({ length: CLASSES }, (_, unit) => {
        const bias = second.weights!.bias[unit] * Math.exp(here.activation[0]) * Math.exp(here.last[0]);
        return weights('l2', unit, 5, logs.last, here.last).reduce((sum, each, i) => sum + each * hidden[i], bias);
      });
      const most = Math.max(...logits);
      loss += Math.log(logits.reduce((sum, each) => sum + Math.exp(each - most), 0)) + most - logits[samples.labels[n]];
    }
    return loss / COUNT;
  };
}

for (const [bits, activationBits] of [
  [8, 8],
  [4, 4],
  [2, 8],
  ['ternary', 4],
] as const satisfies readonly (readonly [WeightBits, 8 | 4])[]) {
  test(`the gradients of learned scales are those of the published formula: weights ${bits}, activations ${activationBits}`, () => {
    const of = withBits(plain, bits, { activationBits });
    const drawn = anyParameters(of, 7);
    const measured = open(of, drawn).ranges(samples);
    const parameters = withSteps(drawn, quantize(of, drawn, encoding, measured));
    // Some activations lie beyond the range, so that bounds are met.
    const ranges: Ranges = new Map([...measured].map(([name, { min, max }]) => [name, { min, max: 0.6 * max }]));
    const session = open(of, parameters, ranges);
    const { gradients } = session.gradients(samples, indices);
    const at = quantize(of, parameters, encoding, ranges);
    const logOf = (values: ArrayLike<number>) => Float64Array.from(values, Math.log);
    const here: Logs = {
      hidden: logOf(at.stages[0].weights!.scales!),
      activation: logOf([at.stages[0].encoding.scale]),
      last: logOf([at.stages[1].weights!.scales![0]]),
    };
    const loss = surrogate(of, parameters, at, here);
    const found = { hidden: gradients.l0.step, activation: gradients.l0.activationStep, last: gradients.l2.step };
    for (const part of ['hidden', 'activation', 'last'] as const) {
      const size = Math.max(0.01, ...Array.from(found[part], Math.abs));
      found[part].forEach((slope, i) => {
        const moved = (by: number) => loss({ ...here, [part]: here[part].map((log, k) => (k === i ? log + by : log)) });
        const expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        // The multipliers of 15 bits shift rounding errors by up to 0.004.
        assert.ok(Math.abs(slope - expected) < 5e-3 * size, `${part}[${i}] is ${slope}, not ${expected}`);
      });
    }
    session.trainEpoch(samples, () => ({ learningRate: 0.05, weightDecay: 0 }));
    assert.notDeepEqual([...session.read().l0.step], [...at.stages[0].weights!.scales!]);
    assert.notEqual(session.ranges(samples).get('l1')!.max, ranges.get('l1')!.max);
  });
}

test('scales that were learned go on from where they were', () => {
  const of = withBits(plain, 4);
  const parameters = anyParameters(of, 7);
  const ranges = open(of, parameters).ranges(samples);
  const session = open(of, parameters, ranges);
  for (let i = 0; i < 3; i++) session.trainEpoch(samples, () => ({ learningRate: 0.05, weightDecay: 0 }));
  const [read, learned] = [session.read(), session.ranges(samples)];
  const again = open(of, read, learned);
  assert.deepEqual(again.predict(samples), session.predict(samples));
});

test('a saved training goes on with the scales and their optimiser as if it had not been saved', () => {
  for (const bits of [8, 4, 'ternary'] as const) {
    const of = withBits(plain, bits, { activationBits: 4 });
    const parameters = anyParameters(of, 7);
    const ranges = open(of, parameters).ranges(samples);
    const rate = () => ({ learningRate: 0.05, weightDecay: 0 });
    const session = open(of, parameters, ranges);
    // Before the first step as well as after some.
    for (const steps of [0, 3]) {
      for (let i = 0; i < steps; i++) session.trainEpoch(samples, rate);
      const state = session.state();
      assert.equal(state.formSteps, steps);
      assert.deepEqual(Object.keys(state.tensors.logStep), ['l0', 'l2']);
      const quantized = { ranges, learnedStep: true };
      const again = engine.open({ network: of, encoding, batch: COUNT, seed: 1, state: decodeState(encodeState(state)), quantized });
      assert.deepEqual(again.state(), state);
      assert.deepEqual(again.predict(samples), session.predict(samples));
      if (steps === 0) continue;
      // One sample a step would be drawn in another order; all of them in one step add up to the same but for rounding.
      for (const each of [session, again]) each.trainEpoch(samples, rate);
      const [one, other] = [session.state().tensors, again.state().tensors];
      for (const [role, layers] of Object.entries(one)) {
        for (const [layer, tensors] of Object.entries(layers)) {
          for (const [tensor, values] of Object.entries(tensors))
            values.forEach((value, i) => {
              const found = other[role][layer][tensor][i];
              assert.ok(
                Math.abs(found - value) <= 1e-4 * (1e-2 + Math.abs(value)),
                `${role} ${layer}.${tensor}[${i}]: ${found}, not ${value}`,
              );
            });
        }
      }
    }
    const { logStep, ...others } = session.state().tensors;
    const broken = { steps: 1, blocks: 0, tensors: { ...others, logStep: { l0: logStep.l0 } } };
    const refused = engine.open({ network: of, encoding, batch: COUNT, seed: 1, state: broken, quantized: { ranges, learnedStep: true } });
    assert.throws(() => refused.predict(samples), RangeError);
  }
});

function open(of: Network, parameters: Parameters, ranges?: Ranges) {
  return engine.open({
    network: of,
    encoding,
    batch: COUNT,
    seed: 1,
    parameters,
    ...(ranges && { quantized: { ranges, learnedStep: true } }),
  });
}

/** With steps by which some weights lie beyond the bounds, and none at one. */
const withSteps = (parameters: Parameters, { stages }: QuantizedNetwork): Parameters =>
  Object.fromEntries(
    stages.map(({ name, weights }) => [name, { ...parameters[name], step: Float32Array.from(weights!.scales!, (scale) => 0.83 * scale) }]),
  );
