import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBits } from '../../server/network/bits.ts';
import { elements } from '../../server/network/shape.ts';
import { ACTIVATION_LEVELS, LARGEST_MULTIPLIER, requantize, rescale, shiftOf, WEIGHT_LEVELS } from '../../server/quantize/arithmetic.ts';
import { createInterpreter } from '../../server/quantize/interpreter.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { createRandom } from '../../server/random.ts';
import { forward } from '../support/forward.ts';
import { calibrate, decoded, randomBytes, randomQuantized } from '../support/networks.ts';

test('requantising is the exact integer formula, halves up, for every sum and shift', () => {
  const random = createRandom(1);
  for (let i = 0; i < 20000; i++) {
    const sum = Math.trunc((random.next() * 2 - 1) * 2 ** (1 + random.integer(31)));
    const multiplier = random.integer(LARGEST_MULTIPLIER + 1);
    const shift = 1 + random.integer(46);
    const exact = (BigInt(sum) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift);
    const clamped = exact < -128n ? -128n : exact > 127n ? 127n : exact;
    assert.equal(requantize(sum, multiplier, shift, 0, -128, 127), Number(clamped), `${sum} * ${multiplier} >> ${shift}`);
  }
});

test('multipliers stand for their ratios within half a unit, the largest in 2^14..2^15', () => {
  const random = createRandom(2);
  for (let i = 0; i < 2000; i++) {
    const ratios = Array.from({ length: 1 + random.integer(8) }, () => 2 ** (random.next() * 26 - 20));
    const { multipliers, shift } = rescale(ratios);
    for (const [k, ratio] of ratios.entries()) assert.ok(Math.abs(multipliers[k] - ratio * 2 ** shift) <= 0.5);
    assert.ok(Math.max(...multipliers) >= 2 ** 14 && Math.max(...multipliers) <= LARGEST_MULTIPLIER);
  }
});

test('the integer network follows the float network it was made from', () => {
  let agreed = 0;
  let total = 0;
  for (let seed = 0; seed < 80; seed++) {
    const random = createRandom(100 + seed);
    const { network, parameters, encoding, quantized } = randomQuantized(random, { dilation: seed % 4 === 1, clipped: seed % 4 === 2 });
    const interpreter = createInterpreter(quantized);
    for (let i = 0; i < 4; i++) {
      const sample = randomBytes(random, elements(network.input));
      const integers = interpreter.run(sample);
      const { scale, zeroPoint } = quantized.stages[quantized.stages.length - 1].encoding;
      const reals = forward(network, parameters, decoded(sample, encoding)).get(network.layers[network.layers.length - 1].name)!;
      const spread = Math.max(...reals) - Math.min(...reals) + 0.5;
      total++;
      if (reals.every((real, k) => Math.abs((integers[k] - zeroPoint) * scale - real) < 0.12 * spread)) agreed++;
    }
  }
  // Samples beyond the calibrated range are clipped, so not all agree.
  assert.ok(agreed / total > 0.85, `${agreed} of ${total} within 12 % of the logits' spread`);
});

test('a multiplier that is a power of two requantises as a rounding shift does', () => {
  const random = createRandom(3);
  for (let i = 0; i < 3000; i++) {
    const ratios = Array.from({ length: 1 + random.integer(4) }, () => 2 ** -(1 + random.integer(12)));
    const rescaled = rescale(ratios);
    const shifts = Array.from(rescaled.multipliers, (multiplier) => shiftOf(multiplier, rescaled.shift)!);
    assert.deepEqual(
      shifts,
      ratios.map((ratio) => -Math.log2(ratio)),
    );
    const sum = Math.trunc((random.next() * 2 - 1) * 2 ** (1 + random.integer(28)));
    shifts.forEach((n, k) => {
      const shifted = Math.max(-128, Math.min(127, (sum + 2 ** (n - 1)) >> n));
      assert.equal(requantize(sum, rescaled.multipliers[k], rescaled.shift, 0, -128, 127), shifted, `${sum} by ${n}`);
    });
  }
  for (const [multiplier, shift] of [
    [3, 4],
    [0, 4],
    [8, 3],
  ])
    assert.equal(shiftOf(multiplier, shift), undefined);
});

test('weights and activations stay within their bits; with powers of two, weights are followed by shifts', () => {
  let shifted = 0;
  for (let seed = 0; seed < 80; seed++) {
    const random = createRandom(500 + seed);
    const { network, quantized } = randomQuantized(random, { narrow: true });
    const interpreter = createInterpreter(quantized);
    interpreter.run(randomBytes(random, elements(network.input)));
    const { activationBits = 8, powerOfTwo } = network.arithmetic!;
    for (const { name, bits = 8, weights, encoding, raw, rescale: scaling } of quantized.stages) {
      const [low, high] = WEIGHT_LEVELS[bits];
      assert.ok(weights?.weight.every((each) => each >= low && each <= high) ?? true);
      const [least, most] = encoding.unsigned ? [0, 255] : ACTIVATION_LEVELS[activationBits];
      if (!raw) assert.ok(interpreter.tensors.get(name)!.every((each) => each >= least && each <= most));
      if (!powerOfTwo || !weights || !scaling) continue;
      assert.ok(scaling.multipliers.every((each) => each === 0 || Number.isInteger(Math.log2(each))));
      shifted += scaling.multipliers.filter((each) => shiftOf(each, scaling.shift) !== undefined).length;
    }
  }
  assert.ok(shifted > 100, `${shifted}`);
});

test('the scale of 2-bit and ternary weights loses less than that of the largest weight would', () => {
  const random = createRandom(8);
  for (const bits of [2, 'ternary'] as const) {
    const { network, parameters, encoding } = randomQuantized(createRandom(21), { largest: 8, batchNorm: false });
    const narrow = withBits(network, bits);
    const stages = quantize(narrow, parameters, encoding, calibrate(narrow, parameters, encoding, random)).stages;
    const [, high] = WEIGHT_LEVELS[bits];
    for (const { name, weights, shape, op } of stages) {
      if (!weights) continue;
      const real = parameters[name].weight;
      const per = real.length / shape.channels;
      const channelOf = (i: number) => (op === 'depthwise' ? i % shape.channels : Math.floor(i / per));
      const largest = Math.max(...real.map(Math.abs));
      const loss = (scale: (channel: number) => number, q: (value: number, i: number) => number) =>
        real.reduce((sum, value, i) => sum + (value - scale(channelOf(i)) * q(value, i)) ** 2, 0);
      const naive = loss(
        () => largest / high,
        (value) => Math.round((value / largest) * high),
      );
      assert.ok(
        loss(
          (channel) => weights.scales![channel],
          (_, i) => weights.weight[i],
        ) <= naive,
        name,
      );
    }
  }
});
