import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import type { Layer, Network } from '../../server/network/network.ts';
import { encodingsOf } from '../../server/plan/encoding.ts';
import { nonZeros } from '../../server/quantize/nonzeros.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { findHostCompiler, SANITIZERS } from '../../server/verify/host.ts';
import { randomlyQuantized, randomQuantized } from '../support/networks.ts';
import { assertSameAnswers, planOf } from './answers.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';

/** Layers of so many weights that every way to hold them is worth it somewhere; windows may hang over the top and the bottom. */
function wide(random: Random): Network {
  const bits = () => ([8, 8, 4, 2, 'ternary'] as const)[random.integer(5)];
  const padding = random.integer(2) ? 'same' : 'valid';
  const kernel = [3, padding === 'same' ? 1 : 1 + random.integer(3)] as const;
  const layers: Layer[] = [
    { name: 'first', op: 'conv2d', inputs: ['input'], filters: 4 + random.integer(6), kernel: [3, 3], stride: [1, 1], padding: 'valid' },
    { name: 'second', op: 'conv2d', inputs: ['first'], filters: 8 + random.integer(6), kernel, stride: [1, 1], padding, bits: bits() },
    { name: 'relu', op: 'relu', inputs: ['second'] },
    { name: 'third', op: 'depthwise', inputs: ['relu'], kernel: [2, 2], stride: [1, 1], padding: 'same', bits: bits() },
    { name: 'hidden', op: 'dense', inputs: ['third'], units: 1 + random.integer(7), bits: bits() },
    { name: 'logits', op: 'dense', inputs: ['hidden'], units: 1 + random.integer(5), bits: bits() },
  ];
  return { input: { height: 6 + random.integer(3), width: 6 + random.integer(3), channels: 1 + random.integer(2) }, layers };
}

/** Which layers' weights lie how, as the C declares them. */
const declared = (source: string): [layer: string, how: string, bytes: number][] =>
  [...source.matchAll(/int8_t L_(\w+)_(weight|packed|runs|bitmap)\[(\d+)\] FLASH/g)].map(([, layer, how, bytes]) => [
    layer,
    how,
    Number(bytes),
  ]);

test('C gives the same bits however weights lie, and tables take the bytes that were told', { skip }, async () => {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 40; seed++) {
    const random = createRandom(61000 + seed);
    const sparsity = [0, 0.3, 0.6, 0.9, 1][seed % 5];
    const options = { largest: 9, narrow: seed % 4 > 0, dilation: seed % 5 === 0 };
    const { quantized } = seed % 2 ? randomQuantized(random, options, sparsity) : randomlyQuantized(wide(random), random, sparsity);
    const all = quantized.stages.length;
    const unit = seed % 4 > 1 && quantized.input.shape.width > 1 ? 'pixel' : 'row';
    const laid = planOf(quantized, seed % 7 ? all : unit === 'row' ? 0 : 1, unit);
    const plan = seed % 3 ? { ...laid, leastFlash: true as const } : laid;
    const [, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    for (const [layer, how, bytes] of declared(source.content)) {
      const stage = quantized.stages.find(({ name }) => name === layer)!;
      seen.set(`${stage.op} ${how}`, (seen.get(`${stage.op} ${how}`) ?? 0) + 1);
      seen.set(`${unit} ${how}`, (seen.get(`${unit} ${how}`) ?? 0) + 1);
      // Of a dense layer that takes pixels, stretches are pixels.
      if (stage.op === 'dense' && unit === 'pixel') continue;
      const encoding = how === 'runs' || how === 'bitmap' ? how : 'table';
      const told = encodingsOf(stage, nonZeros(stage.weights!.weight)).filter((each) => each.encoding === encoding);
      const starts = stage.op === 'dense' && stage.inputShapes[0].height > 1 && encoding !== 'table' ? 2 * stage.inputShapes[0].height : 0;
      // How many long steps runs need is told by chance.
      const nearest = Math.min(...told.map((each) => Math.abs(each.bytes - starts - bytes)));
      assert.ok(nearest <= (encoding === 'runs' ? 2 + bytes / 10 : 0), `seed ${seed}: ${layer} ${how}, ${nearest} B apart`);
    }
    await assertSameAnswers(quantized, plan, random, seed % 6 ? ['-O1'] : SANITIZERS, `seed ${seed}`);
  }
  for (const kind of ['conv2d', 'dense', 'row', 'pixel'])
    for (const how of ['weight', 'packed', 'runs', 'bitmap'])
      assert.ok(seen.has(`${kind} ${how}`), `${kind} ${how} was not tried: ${JSON.stringify([...seen])}`);
  assert.ok(seen.has('depthwise packed'));
});
