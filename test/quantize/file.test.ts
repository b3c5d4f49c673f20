import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elements } from '../../server/network/shape.ts';
import { modelFromJson, modelToJson } from '../../server/quantize/file.ts';
import { createInterpreter } from '../../server/quantize/interpreter.ts';
import type { QuantizedStage } from '../../server/quantize/network.ts';
import { createRandom } from '../../server/random.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

test('a model that was written and read answers as before', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = createRandom(seed);
    const { network, quantized: made } = randomQuantized(random, {
      narrow: seed % 2 === 0,
      clipped: seed % 3 === 0,
      dilation: seed % 5 === 0,
    });
    const quantized = { ...made, stages: made.stages.map(unscaled) };
    const read = modelFromJson(JSON.parse(JSON.stringify(modelToJson(network, quantized))));
    assert.deepEqual(read, quantized);
    const sample = randomBytes(random, elements(network.input));
    assert.deepEqual(createInterpreter(read).run(sample), createInterpreter(quantized).run(sample));
  }
});

test('a damaged model is refused with a RangeError, whatever the damage', () => {
  const random = createRandom(5);
  const { network, quantized } = randomQuantized(random);
  const text = JSON.stringify(modelToJson(network, quantized));
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const at = random.integer(text.length);
    const damaged = `${text.slice(0, at)}${String.fromCharCode(32 + random.integer(95))}${text.slice(at + 1 + random.integer(3))}`;
    let json: unknown;
    try {
      json = JSON.parse(damaged);
    } catch {
      continue;
    }
    try {
      modelFromJson(json);
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
      refused++;
    }
  }
  assert.ok(refused > 50, `${refused} of 500 were refused`);
});

/** The scales of weights are not written: the integers do without. */
const unscaled = ({ weights, ...stage }: QuantizedStage): QuantizedStage =>
  weights ? { ...stage, weights: { weight: weights.weight, bias: weights.bias } } : stage;
