import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork } from '../../server/network/check.ts';
import { INPUT, type Layer, type Network } from '../../server/network/network.ts';
import { planWith } from '../../server/plan/choose.ts';
import { emission } from '../../server/plan/emission.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { randomlyQuantized } from '../support/networks.ts';
import { assertProven } from '../support/proven.ts';

const target = planTarget({ architecture: 'avr' });

/** A long series, or a high and narrow image, with windows that hang over its ends, pools, residuals and joined branches. */
function long(random: Random): Network {
  const width = random.integer(3) ? 1 : 2 + random.integer(3);
  const input = {
    height: [140, 192, 201, 255, 256, 300, 600, 1100][random.integer(8)] + random.integer(9),
    width,
    channels: 1 + random.integer(2),
  };
  const layers: Layer[] = [];
  let from = INPUT;
  const add = (make: (at: { readonly name: string; readonly inputs: readonly string[] }) => Layer, inputs = [from]) => {
    from = `l${layers.length}`;
    layers.push(make({ name: from, inputs }));
    return from;
  };
  const pair = (most: number) => [1 + random.integer(most), Math.min(width, 1 + random.integer(2))] as const;
  const padding = () => (random.integer(2) ? 'same' : 'valid');
  const conv = (filters: number) => add((at) => ({ ...at, op: 'conv2d', filters, kernel: pair(5), stride: [1, 1], padding: 'same' }));
  for (let i = 1 + random.integer(4); i > 0; i--) {
    const before = from;
    const kernel = pair(4);
    const steps = [
      () => conv(1 + random.integer(4)),
      () =>
        add((at) => ({
          ...at,
          op: 'conv2d',
          filters: 2,
          kernel: pair(5),
          stride: [1 + random.integer(3), 1],
          padding: padding(),
          dilation: [1 + random.integer(2), 1],
        })),
      () => add((at) => ({ ...at, op: 'depthwise', kernel: pair(5), stride: [1 + random.integer(2), 1], padding: padding() })),
      () =>
        add((at) => ({
          ...at,
          op: random.integer(2) ? 'maxPool' : 'averagePool',
          kernel,
          stride: [kernel[0] + random.integer(2), kernel[1]],
          padding: padding(),
        })),
      () => add((at) => ({ ...at, op: random.integer(2) ? 'maxPool' : 'averagePool', kernel: [3, 1], stride: [2, 1], padding: padding() })),
      () => {
        if (before === INPUT) return conv(2);
        const filters = checkNetwork({ input, layers }).shapes.get(before)?.channels ?? 1;
        return add((at) => ({ ...at, op: 'add' }), [before, conv(filters)]);
      },
      () => {
        const left = conv(2);
        from = before;
        return add((at) => ({ ...at, op: 'concat' }), [left, conv(1)]);
      },
    ];
    steps[random.integer(steps.length)]();
  }
  if (random.integer(3) === 0) add((at) => ({ ...at, op: 'globalAveragePool' }));
  add((at) => ({ ...at, op: 'dense', units: 3 }));
  return { input, layers };
}

test('series of hundreds of samples are machine code, streamed to any cut: the bits of the interpreter, the bytes and cycles counted', () => {
  let proven = 0;
  for (let seed = 0; seed < 90; seed++) {
    const random = createRandom(seed);
    let network = long(random);
    while (checkNetwork(network).faults.length > 0) network = long(random);
    const { quantized } = randomlyQuantized(network, random, seed % 2 ? 0 : 0.6);
    const all = quantized.stages.length;
    for (const streamed of new Set([all, random.integer(all)])) {
      const what = `seed ${seed}, ${streamed} of ${all}: ${JSON.stringify(network)}`;
      const plan = planWith({ unit: 'row', streamed }, network.input, quantized.stages, target);
      assert.ok(plan.machine, what);
      if (plan.stateBytes > 1800 || emission(plan, quantized).bytes > 32_000) continue;
      const { ratio } = assertProven(quantized, plan, what, 1);
      assert.ok(Math.abs(ratio - 1) < 0.05, `${ratio} of the cycles, ${what}`);
      proven++;
    }
  }
  assert.ok(proven > 100, `${proven} were proven`);
});
