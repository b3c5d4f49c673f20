import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import type { Layer, Network } from '../../server/network/network.ts';
import { planWith } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { pack } from '../../server/quantize/bits.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { createRandom } from '../../server/random.ts';
import { findHostCompiler, SANITIZERS } from '../../server/verify/host.ts';
import { calibrate, randomParameters } from '../support/networks.ts';
import { assertSameAnswers } from './answers.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';

test('what is packed is found again by shifting up and down', () => {
  const random = createRandom(3);
  for (let round = 0; round < 200; round++) {
    const bits = random.integer(2) ? 4 : 2;
    const half = 2 ** (bits - 1);
    const weights = Int8Array.from({ length: 1 + random.integer(30) }, () => random.integer(2 * half) - half);
    const bytes = pack(weights, bits);
    assert.equal(bytes.length, Math.ceil((weights.length * bits) / 8));
    const found = weights.map((_, i) => {
      const up = 8 - bits - ((i * bits) % 8);
      return (((bytes[Math.floor((i * bits) / 8)] << up) & 255) << 24) >> (24 + 8 - bits);
    });
    assert.deepEqual(found, weights);
  }
});

test('dense weights of 4 and 2 bits lie packed, and give the same bits under every plan', { skip }, async () => {
  let packed = 0;
  for (let seed = 0; seed < 12; seed++) {
    const random = createRandom(8800 + seed);
    const bits = ([4, 2, 'ternary'] as const)[seed % 3];
    const layers: Layer[] = [
      { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 1 + random.integer(5), kernel: [3, 3], stride: [1, 1], padding: 'valid' },
      { name: 'relu', op: 'relu', inputs: ['conv'] },
      { name: 'hidden', op: 'dense', inputs: ['relu'], units: 1 + random.integer(7), bits },
      { name: 'logits', op: 'dense', inputs: ['hidden'], units: 2 + random.integer(5), bits },
    ];
    const network: Network = { input: { height: 4 + random.integer(6), width: 4 + random.integer(6), channels: 1 }, layers };
    const parameters = randomParameters(network, random);
    const encoding = { zeroPoint: 60, deviation: 70 };
    const quantized = quantize(network, parameters, encoding, calibrate(network, parameters, encoding, random));
    const { input, stages } = quantized;
    for (const cut of [
      { unit: 'row', streamed: 3 } as const,
      { unit: 'row', streamed: 0 } as const,
      { unit: 'pixel', streamed: 2 } as const,
    ]) {
      const plan = planWith(cut, input.shape, stages, planTarget({ architecture: 'generic' }));
      const [, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
      const told = [...source.content.matchAll(/uint8_t L_hidden_packed\[(\d+)\]/g)].map(([, bytes]) => Number(bytes));
      const hidden = stages.find(({ name }) => name === 'hidden')!;
      const pixels = cut.unit === 'pixel' ? hidden.inputShapes[0].height * hidden.inputShapes[0].width : hidden.inputShapes[0].height;
      const perStretch = (hidden.inputShapes[0].height * hidden.inputShapes[0].width * hidden.inputShapes[0].channels) / pixels;
      const expected = hidden.shape.channels * pixels * Math.ceil((perStretch * (bits === 4 ? 4 : 2)) / 8);
      if (told.length > 0) assert.equal(told[0], expected, `seed ${seed}`);
      packed += told.length;
      await assertSameAnswers(quantized, plan, random, seed % 4 ? ['-O1'] : SANITIZERS, `seed ${seed}, ${JSON.stringify(cut)}`);
    }
  }
  // Where most weights are zero, runs of the others may take less.
  assert.ok(packed >= 24, `${packed} of 36`);
});
