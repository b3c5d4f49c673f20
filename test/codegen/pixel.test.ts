import { test } from 'node:test';
import type { Layer, Network } from '../../server/network/network.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { createRandom } from '../../server/random.ts';
import { findHostCompiler, SANITIZERS } from '../../server/verify/host.ts';
import { calibrate, randomParameters, randomQuantized } from '../support/networks.ts';
import { assertSameAnswers, planOf } from './answers.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';

test('pixel by pixel, generated C equals the interpreter, bit for bit, on random networks', { skip }, async () => {
  const random = createRandom(21);
  for (let seed = 0; seed < 24; seed++) {
    const options = { dilation: seed % 4 === 0, clipped: seed % 4 === 1, series: seed % 10 === 9 };
    const { quantized, network } = randomQuantized(createRandom(7000 + seed), options, seed % 2 ? 0.8 : 0);
    const all = quantized.stages.length;
    for (const streamed of new Set([all, 1 + random.integer(all)])) {
      const what = `seed ${seed}, ${streamed} of ${all} stages streamed, ${JSON.stringify(network)}`;
      await assertSameAnswers(quantized, planOf(quantized, streamed, 'pixel'), random, seed % 4 ? ['-O1'] : SANITIZERS, what);
    }
  }
});

test('layers may be called what the network, its functions or the rest of the C is called', { skip }, async () => {
  for (const [unit, last] of [
    ['row', 'net_run'],
    ['pixel', 'net_next'],
  ] as const) {
    const names = ['net_push', 'net', 'step', 'state', 'sum24', last];
    const random = createRandom(23);
    const conv = (name: string, from: string): Layer =>
      ({ name, op: 'conv2d', inputs: [from], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' }) as const;
    const layers = names.map((name, i) => conv(name, i > 0 ? names[i - 1] : 'input'));
    const network: Network = {
      input: { height: 5, width: 6, channels: 1 },
      layers: [...layers, { name: 'net_init', op: 'dense', inputs: [last], units: 3 }],
    };
    const parameters = randomParameters(network, random);
    const encoding = { zeroPoint: 9, deviation: 50 };
    const quantized = quantize(network, parameters, encoding, calibrate(network, parameters, encoding, random));
    await assertSameAnswers(quantized, planOf(quantized, 7, unit), random, ['-O1'], unit);
  }
});

test('images of more than 255 rows or columns', { skip }, async () => {
  const random = createRandom(24);
  for (const [height, width] of [
    [300, 5],
    [6, 300],
    [260, 261],
  ] as const) {
    const layers: Layer[] = [
      { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 2, kernel: [3, 3], stride: [2, 2], padding: 'same' },
      { name: 'deep', op: 'depthwise', inputs: ['conv'], kernel: [2, 3], stride: [1, 1], padding: 'same' },
      { name: 'sum', op: 'add', inputs: ['conv', 'deep'] },
      { name: 'pool', op: 'averagePool', inputs: ['sum'], kernel: [2, 2], stride: [2, 2], padding: 'same' },
      { name: 'most', op: 'globalMaxPool', inputs: ['pool'] },
      { name: 'logits', op: 'dense', inputs: ['most'], units: 3 },
    ];
    const network: Network = { input: { height, width, channels: 1 }, layers };
    const parameters = randomParameters(network, random);
    const encoding = { zeroPoint: 9, deviation: 50 };
    const quantized = quantize(network, parameters, encoding, calibrate(network, parameters, encoding, random, 1));
    for (const unit of ['row', 'pixel'] as const) await assertSameAnswers(quantized, planOf(quantized, 6, unit), random, ['-O1'], unit);
  }
});
