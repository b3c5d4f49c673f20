import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elements } from '../../server/network/shape.ts';
import { LARGEST_MULTIPLIER, requantize, rescale } from '../../server/quantize/arithmetic.ts';
import { createInterpreter } from '../../server/quantize/interpreter.ts';
import { createRandom } from '../../server/random.ts';
import { forward } from '../support/forward.ts';
import { decoded, randomBytes, randomQuantized } from '../support/networks.ts';

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
